import type { Engine, LogOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import { parseMoment } from '../command-line/time-flag.ts'
import { openLogWriter } from '../containers/log-writer.ts'
import { latestFlag, findTargets } from '../containers/targets.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'

const flags = {
  ...latestFlag,
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
    const show = async (reference: string): Promise<void> => {
      const prefix = await prefixOf(engine, reference, { names: chosen.names === true, several: references.length > 1 })
      await showLog(context, engine, { reference, options, prefix, timestamps: chosen.timestamps === true })
    }
    if (chosen.follow === true) await Promise.all(references.map(show))
    else for (const reference of references) await show(reference)
    return 0
  },
})

async function showLog(
  context: CommandContext,
  engine: Engine,
  log: { readonly reference: string; readonly options: LogOptions; readonly prefix: string; readonly timestamps: boolean },
): Promise<void> {
  using writer = openLogWriter(context, log)
  for await (const entry of engine.containers.logs(log.reference, log.options)) writer.write(entry)
}

async function prefixOf(engine: Engine, reference: string, shown: { readonly names: boolean; readonly several: boolean }): Promise<string> {
  if (!shown.names && !shown.several) return ''
  const { id, name } = await engine.containers.inspect(reference)
  return `${shown.names ? name : id.slice(0, 12)} `
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
