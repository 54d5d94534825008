import { type Command, defineCommand } from '../command-line/command.ts'

/** `podwright volume rename` */
export const volumeRename: Command = defineCommand({
  name: 'volume rename',
  usage: 'VOLUME NEW-NAME',
  summary: 'Give a volume another name',
  description: 'Prints the new name. No container may use the volume, running or not: it would know it by the old name.',
  flags: {},
  arguments: { minimum: 2, maximum: 2 },
  examples: ['volume rename data data-2025'],
  async run(context, { args }) {
    const [reference = '', newName = ''] = args
    const engine = await context.engine()
    const { name } = await engine.volumes.rename(reference, newName, { signal: context.signals.signal })
    context.stdout.write(`${name}\n`)
    return 0
  },
})
