import type { ContainerStats } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag, readFormat } from '../command-line/format-flag.ts'
import { collectStats, type StatsChoice } from '../containers/collect-stats.ts'
import { statsList } from '../containers/stats-list.ts'
import { findTargets, latestFlag } from '../containers/targets.ts'
import { CliError } from '../errors.ts'
import { printList } from '../render/print-list.ts'

/** Between the first two looks: what a processor does is told by their difference. */
const firstLookMs = 1000

/** Erases a terminal and goes to its first line (ECMA-48: CUP, ED). */
const clearScreen = '\u001b[H\u001b[2J'

/** `podwright stats` */
export const stats: Command = defineCommand({
  name: 'stats',
  usage: '[options] [CONTAINER...]',
  summary: 'Show what containers use of processors, memory, network and disks',
  description:
    "Without names: all that run, again and again. CPU % is that of one processor since the look before. What is shown is counted by control groups, which a plain user's containers do not have.",
  flags: {
    ...latestFlag,
    all: { kind: 'boolean', short: 'a', description: 'Show all containers, not only those that run' },
    format: formatFlag,
    interval: { kind: 'number', short: 'i', value: 'SECONDS', description: 'How long to wait between two looks', defaultText: '1' },
    'no-reset': { kind: 'boolean', description: 'Leave on the screen what was shown before' },
    'no-stream': { kind: 'boolean', description: 'Look once, and end' },
    'no-trunc': { kind: 'boolean', description: 'Show ids whole' },
  },
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['stats', 'stats --no-stream web db', "stats --format '{{.Name}}: {{.MemUsage}}'"],
  async run(context, { flags, args }) {
    readFormat(flags.format)
    const { interval = 1 } = flags
    if (!(interval > 0)) throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${interval}" for --interval: it is more than 0 seconds`)
    const engine = await context.engine()
    const choice = await choose()
    const definition = statsList({ whole: flags['no-trunc'] === true })
    const { signal } = context.signals
    let before = remembered(await collectStats(engine, choice, undefined))
    for (let pauseMs = Math.min(firstLookMs, interval * 1000); ; pauseMs = interval * 1000) {
      await context.clock.sleep(pauseMs, { signal })
      signal.throwIfAborted()
      const rows = await collectStats(engine, choice, before)
      before = remembered(rows)
      // All that were named are gone.
      if (rows.length === 0 && choice.references.length > 0) return 0
      if (context.stdout.isTerminal && flags['no-stream'] !== true && flags['no-reset'] !== true) context.stdout.write(clearScreen)
      await printList(context.stdout, rows, definition, { format: flags.format })
      if (flags['no-stream'] === true) return 0
    }

    async function choose(): Promise<StatsChoice> {
      if (args.length === 0 && flags.latest !== true) return { references: [], all: flags.all === true }
      return { references: await findTargets(engine, { args, flags }), all: false }
    }
  },
})

function remembered(rows: Awaited<ReturnType<typeof collectStats>>): ReadonlyMap<string, ContainerStats> {
  return new Map(rows.flatMap(({ id, stats: found }) => (found === undefined ? [] : [[id, found]])))
}
