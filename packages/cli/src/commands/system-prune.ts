import { type Command, defineCommand } from '../command-line/command.ts'
import { pruneFilters } from '../images/prune-filters.ts'
import { prunedText } from '../system/pruned-text.ts'
import { confirm } from '../terminal/ask.ts'

/** `podwright system prune` */
export const systemPrune: Command = defineCommand({
  name: 'system prune',
  usage: '[options]',
  summary: 'Remove containers that do not run, and what nobody uses',
  description:
    'Containers that do not run, images without a name and a container, and what interrupted commands left. What another command is just pulling, making or starting stays.',
  flags: {
    all: { kind: 'boolean', short: 'a', description: 'Also images that have a name and no container' },
    'dry-run': { kind: 'boolean', description: 'Say what would go, and leave it' },
    filter: {
      kind: 'words',
      value: 'NAME=VALUE',
      description: 'Only what was made until a moment, or has (label) or has not (label!) a label',
    },
    force: { kind: 'boolean', short: 'f', description: 'Do not ask' },
    volumes: { kind: 'boolean', description: 'Also anonymous volumes that no container has; volume prune --all removes those with a name' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['system prune', 'system prune -a --volumes', "system prune --dry-run --filter until=24h --filter 'label!=keep'"],
  async run(context, { flags }) {
    const { 'dry-run': dryRun = false, all, volumes } = flags
    const filters = pruneFilters(flags.filter, context.clock.now())
    if (flags.force !== true && !dryRun && !(await confirm(context, warning(flags)))) return 0
    const engine = await context.engine()
    const pruned = await engine.system.prune({ ...filters, all, volumes, dryRun, signal: context.signals.signal })
    context.stdout.write(prunedText(pruned, dryRun))
    return 0
  },
})

function warning(flags: {
  readonly all?: boolean | undefined
  readonly volumes?: boolean | undefined
  readonly filter: readonly string[]
}): string {
  const what = [
    'all containers that do not run',
    ...(flags.volumes === true ? ['all anonymous volumes that no container has, with all that is in them'] : []),
    flags.all === true ? 'all images without a container' : 'all images without a name and a container',
    'what interrupted commands left',
  ]
  const only = flags.filter.length === 0 ? '' : `if they pass: ${flags.filter.join(', ')}\n`
  return `This removes\n${what.map((one) => `  - ${one}\n`).join('')}${only}Go on?`
}
