import type { Volume } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { groupFilters } from '../command-line/filters.ts'
import type { CommandContext } from '../context.ts'
import { humanSize } from '../render/size.ts'
import { confirm } from '../terminal/ask.ts'

/** `podwright volume prune` */
export const volumePrune: Command = defineCommand({
  name: 'volume prune',
  usage: '[options]',
  summary: 'Remove volumes that no container uses',
  description: 'Anonymous ones; with --all also those that somebody gave a name.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Also volumes that have a name' },
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    filter: { kind: 'words', value: 'NAME=VALUE', description: 'Only volumes that pass, as in volume ls; all=true is --all' },
    force: { kind: 'boolean', short: 'f', description: 'Do not ask' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['volume prune', 'volume prune --all --force --filter until=240h', "volume prune --dry-run --filter 'label!=keep'"],
  async run(context, { flags }) {
    const { 'dry-run': dryRun = false } = flags
    const { all, filter } = await readFilters(context, flags)
    const what = all ? 'all volumes that no container uses' : 'all anonymous volumes that no container uses'
    if (flags.force !== true && !dryRun && !(await confirm(context, `This removes ${what}, with all that is in them. Go on?`))) return 0
    const engine = await context.engine()
    const everything = await engine.volumes.list({ signal: context.signals.signal })
    const passes = filter(everything)
    const chosen = (volume: Volume): boolean => (all || volume.anonymous) && passes(volume)
    const { volumes, freedBytes } = await engine.volumes.prune({ filter: chosen, dryRun, signal: context.signals.signal })
    context.stdout.write(volumes.map(({ name }) => `${dryRun ? 'Would remove ' : ''}${name}\n`).join(''))
    context.stdout.write(`Total reclaim${dryRun ? 'able' : 'ed'} space: ${humanSize(freedBytes)}\n`)
    return 0
  },
})

/** docker says `--filter all=1` for `--all`. */
async function readFilters(
  { clock }: CommandContext,
  flags: { readonly all?: boolean | undefined; readonly filter: readonly string[] },
): Promise<{ readonly all: boolean; readonly filter: (volumes: readonly Volume[]) => (volume: Volume) => boolean }> {
  if (flags.filter.length === 0) return { all: flags.all === true, filter: () => () => true }
  const { volumeFilter } = await import('../volumes/volume-filters.ts')
  const asked = groupFilters(flags.filter).get('all') ?? []
  const others = flags.filter.filter((text) => !/^\s*all\s*=/i.test(text))
  return {
    all: flags.all === true || asked.some((text) => /^(true|1|t)$/i.test(text)),
    filter: (volumes) => volumeFilter(others, { all: volumes, now: clock.now() }),
  }
}
