import { type Command, defineCommand } from '../command-line/command.ts'
import { readNamedValues } from '../volumes/named-values.ts'

/** `podwright volume clone` */
export const volumeClone: Command = defineCommand({
  name: 'volume clone',
  usage: '[options] VOLUME NEW-NAME',
  summary: 'Make a volume with what is in another',
  description:
    'With its options and labels too; files are shared until they change where the file system can. Prints the new name. What a running container writes meanwhile may be in it or not.',
  flags: {
    label: { kind: 'words', short: 'l', value: 'NAME[=VALUE]', description: 'Set a label, in the place of those of the other' },
  },
  arguments: { minimum: 2, maximum: 2 },
  examples: ['volume clone data data-before-upgrade'],
  async run(context, { flags, args }) {
    const [reference = '', newName = ''] = args
    const engine = await context.engine()
    const labels = flags.label.length > 0 ? { labels: readNamedValues('--label', flags.label) } : {}
    const { name } = await engine.volumes.clone(reference, newName, { ...labels, signal: context.signals.signal })
    context.stdout.write(`${name}\n`)
    return 0
  },
})
