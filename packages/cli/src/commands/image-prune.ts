import type { PruneImagesOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { removalLines } from '../images/removal-lines.ts'
import { humanSize } from '../render/size.ts'
import { confirm } from '../terminal/ask.ts'

/** `podwright image prune` */
export const imagePrune: Command = defineCommand({
  name: 'image prune',
  usage: '[options]',
  summary: 'Remove images that nobody uses',
  description: 'Those without a name, on which no container is; with --all also those with names.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Also images that have a name and no container' },
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    external: { kind: 'boolean', description: 'Understood and not needed: no other engine has containers here', hidden: true },
    filter: {
      kind: 'words',
      value: 'NAME=VALUE',
      description: 'Only images made until a moment, or with (label) or without (label!) a label',
    },
    force: { kind: 'boolean', short: 'f', description: 'Do not ask' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['image prune', 'image prune -a -f --filter until=240h', "image prune --dry-run --filter 'label!=keep'"],
  async run(context, { flags }) {
    const { all, 'dry-run': dryRun = false } = flags
    const filters = await filtersOf(flags.filter, context.clock.now())
    const what = all === true ? 'all images without a container' : 'all images without a name and a container'
    if (flags.force !== true && !dryRun && !(await confirm(context, `This removes ${what}. Go on?`))) return 0
    const engine = await context.engine()
    const removed = await engine.images.prune({ ...filters, all, dryRun, signal: context.signals.signal })
    context.stdout.write(
      removalLines(removed, dryRun)
        .map((line) => `${line}\n`)
        .join(''),
    )
    context.stdout.write(`Total reclaim${dryRun ? 'able' : 'ed'} space: ${humanSize(removed.freedBytes)}\n`)
    return 0
  },
})

async function filtersOf(texts: readonly string[], now: number): Promise<PruneImagesOptions> {
  if (texts.length === 0) return {}
  const { pruneFilters } = await import('../images/prune-filters.ts')
  return pruneFilters(texts, now)
}
