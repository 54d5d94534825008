import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag } from '../command-line/format-flag.ts'
import { printList } from '../render/print-list.ts'
import { secretFilter, secretList } from '../secrets/secret-list.ts'

/** `podwright secret ls` */
export const secretLs: Command = defineCommand({
  name: 'secret ls',
  usage: '[options]',
  summary: 'List secrets',
  flags: {
    filter: {
      kind: 'words',
      short: 'f',
      value: 'NAME=VALUE',
      description: 'Show only secrets with this in their name, or this beginning of their id',
    },
    format: formatFlag,
    noheading: { kind: 'boolean', short: 'n', description: 'Leave the titles of the columns out' },
    quiet: { kind: 'boolean', short: 'q', description: 'Print only ids' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['secret ls', 'secret ls -q --filter name=db', "secret ls --format '{{.Name}}'"],
  async run(context, { flags }) {
    const passes = secretFilter(flags.filter)
    const engine = await context.engine()
    const all = await engine.secrets.list({ signal: context.signals.signal })
    await printList(context.stdout, all.filter(passes), secretList(context.clock.now()), flags)
    return 0
  },
})
