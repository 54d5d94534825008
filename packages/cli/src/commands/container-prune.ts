import { type Command, defineCommand } from '../command-line/command.ts'
import { pruneFilters } from '../images/prune-filters.ts'
import { humanSize } from '../render/size.ts'
import { confirm } from '../terminal/ask.ts'

/** `podwright container prune` */
export const containerPrune: Command = defineCommand({
  name: 'container prune',
  usage: '[options]',
  summary: 'Remove containers that do not run',
  description: 'What another command is just making, starting or removing stays. Volumes stay too: see volume prune.',
  flags: {
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    filter: {
      kind: 'words',
      value: 'NAME=VALUE',
      description: 'Only containers made until a moment, or with (label) or without (label!) a label',
    },
    force: { kind: 'boolean', short: 'f', description: 'Do not ask' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['container prune', 'container prune -f --filter until=24h', "container prune --dry-run --filter 'label!=keep'"],
  async run(context, { flags }) {
    const { 'dry-run': dryRun = false } = flags
    const filters = pruneFilters(flags.filter, context.clock.now())
    if (flags.force !== true && !dryRun && !(await confirm(context, 'This removes all containers that do not run. Go on?'))) return 0
    const engine = await context.engine()
    const { containers, freedBytes } = await engine.containers.prune({ ...filters, dryRun, signal: context.signals.signal })
    context.stdout.write(containers.map(({ id }) => `${dryRun ? 'Would remove ' : ''}${id}\n`).join(''))
    context.stdout.write(`Total reclaim${dryRun ? 'able' : 'ed'} space: ${humanSize(freedBytes)}\n`)
    return 0
  },
})
