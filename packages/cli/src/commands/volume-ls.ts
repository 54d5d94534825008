import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag } from '../command-line/format-flag.ts'
import { printList } from '../render/print-list.ts'
import { volumeList } from '../volumes/volume-list.ts'

/** `podwright volume ls` */
export const volumeLs: Command = defineCommand({
  name: 'volume ls',
  usage: '[options]',
  summary: 'List volumes',
  flags: {
    filter: {
      kind: 'words',
      short: 'f',
      value: 'NAME=VALUE',
      description:
        'Show only volumes with this name, driver, label, opt or scope, or that are dangling, anonymous, or made until, before or after',
    },
    format: formatFlag,
    noheading: { kind: 'boolean', short: 'n', description: 'Leave the titles of the columns out' },
    quiet: { kind: 'boolean', short: 'q', description: 'Print only names' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['volume ls', 'volume ls -q --filter dangling=true', "volume ls --format '{{.Name}} {{.Mountpoint}}'"],
  async run(context, { flags }) {
    const engine = await context.engine()
    const all = await engine.volumes.list({ signal: context.signals.signal })
    if (flags.filter.length === 0) await printList(context.stdout, all, volumeList, flags)
    else {
      const { volumeFilter } = await import('../volumes/volume-filters.ts')
      const passes = volumeFilter(flags.filter, { all, now: context.clock.now() })
      await printList(context.stdout, all.filter(passes), volumeList, flags)
    }
    return 0
  },
})
