import type { Engine, LogEntry, LogOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import { parseMoment } from '../command-line/time-flag.ts'
import { type LogLineStyle, openLogWriter } from '../containers/log-writer.ts'
import { latestFlag, findTargets } from '../containers/targets.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'

const flags = {
  ...latestFlag,
  color: { kind: 'boolean', description: 'Give the lines of each container a colour of their own' },
  details: { kind: 'boolean', description: 'Put before each line what the log options labels, env and tag say' },
  follow: { kind: 'boolean', short: 'f', description: 'Go on until the container ends' },
  names: { kind: 'boolean', description: "Put the container's name before each line" },
  since: { kind: 'text', value: 'TIME', description: 'Only what was written since: 10m, 1h30m, 2026-01-31T10:00:00Z' },
  tail: { kind: 'text', short: 'n', value: 'N', description: 'Only the last lines', defaultText: 'all' },
  timestamps: { kind: 'boolean', short: 't', description: 'Put the time before each line' },
  until: { kind: 'text', value: 'TIME', description: 'Only what was written before' },
} as const satisfies FlagDefinitions

/** `podwright logs` */
export const logs: Command = defineCommand({
  name: 'logs',
  usage: '[options] CONTAINER [CONTAINER...]',
  summary: 'Show what containers wrote',
  description: "A container's stdout comes out on stdout, its stderr on stderr.",
  flags,
  arguments: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
  examples: ['logs web', 'logs -f --tail 20 web', 'logs -t --since 10m web'],
  async run(context, { flags: chosen, args }) {
    const options = logOptions(context, chosen)
    const engine = await context.engine()
    const references = await findTargets(engine, { args, flags: chosen })
    const several = references.length > 1
    const styles = await Promise.all(references.map((reference, index) => styleOf(engine, reference, { chosen, index, several })))
    await showLogs(context, engine, { references, options, styles })
    return 0
  },
})

/** As their containers write; what was written before comes in the order of the times. */
async function showLogs(
  context: CommandContext,
  engine: Engine,
  { references, options, styles }: { references: readonly string[]; options: LogOptions; styles: readonly LogLineStyle[] },
): Promise<void> {
  using writer = openLogWriter(context)
  const writes = styles.map((style) => writer.of(style))
  const sources = references.map((reference) => engine.containers.logs(reference, options))
  if (options.follow !== true && sources.length > 1) {
    const { mergeLogs } = await import('../containers/logging/merge-logs.ts')
    for await (const { index, entry } of mergeLogs(sources)) writes[index]?.(entry)
    return
  }
  const show = async (log: AsyncIterable<LogEntry>, index: number): Promise<void> => {
    const write = writes[index]!
    for await (const entry of log) write(entry)
  }
  await Promise.all(sources.map(show))
}

/** One after the other, and again from the first. */
const colors = [31, 32, 33, 34, 35, 36]

async function styleOf(
  engine: Engine,
  reference: string,
  { chosen, index, several }: { readonly chosen: FlagValues<typeof flags>; readonly index: number; readonly several: boolean },
): Promise<LogLineStyle> {
  const { names, details, color, timestamps } = chosen
  const style = { timestamps: timestamps === true, ...(color === true && { color: colors[index % colors.length]! }) }
  if (names !== true && details !== true && !several) return { ...style, prefix: '' }
  const { id, name, logDetails = {} } = await engine.containers.inspect(reference)
  return {
    ...style,
    prefix: names === true ? `${name} ` : several ? `${id.slice(0, 12)} ` : '',
    ...(details === true && { details: detailsText(logDetails) }),
  }
}

/** As docker prints them. */
function detailsText(details: Readonly<Record<string, string>>): string {
  return Object.entries(details)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map((words) => words.map((word) => encodeURIComponent(word).replaceAll('%20', '+')).join('='))
    .join(',')
}

function logOptions({ clock, signals }: CommandContext, chosen: FlagValues<typeof flags>): LogOptions {
  const tail = parseTail(chosen.tail)
  return {
    signal: signals.signal,
    ...(chosen.follow === true && { follow: true }),
    ...(tail !== undefined && { tail }),
    ...(chosen.since !== undefined && { since: parseMoment('--since', chosen.since, clock.now()) }),
    ...(chosen.until !== undefined && { until: parseMoment('--until', chosen.until, clock.now()) }),
  }
}

/** Negative numbers mean all, as in docker and podman. */
function parseTail(text: string | undefined): number | undefined {
  if (text === undefined || text === 'all' || text === '') return undefined
  if (!/^-?\d{1,15}$/.test(text)) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --tail: it is a number of lines, or all`)
  }
  return Number(text) < 0 ? undefined : Number(text)
}
