import { type Command, defineCommand } from '../command-line/command.ts'
import { formatFlag, readFormat } from '../command-line/format-flag.ts'
import { parseFuture, parseMoment } from '../command-line/time-flag.ts'
import { CliError } from '../errors.ts'
import { eventFilter } from '../system/event-filter.ts'
import { eventList, eventText } from '../system/event-list.ts'
import { printList } from '../render/print-list.ts'

/** `podwright events` */
export const events: Command = defineCommand({
  name: 'events',
  usage: '[options]',
  summary: 'Show what has happened to containers, images and volumes, and what happens',
  description:
    'Goes on until Ctrl-C, or until the time of --until. Without --since, only what happens from now on is shown, unless --stream=false or --until ask for what has happened.',
  flags: {
    filter: {
      kind: 'list',
      short: 'f',
      value: 'NAME=VALUE',
      description: 'Only events that fit: container, event, image, label, type, volume',
    },
    format: formatFlag,
    'no-trunc': { kind: 'boolean', description: 'Show ids whole', defaultText: 'true' },
    since: { kind: 'text', value: 'TIME', description: 'What happened since: 10m, 1h30m, 2026-01-31T10:00:00Z' },
    stream: { kind: 'boolean', description: 'Go on as things happen', defaultText: 'true' },
    until: { kind: 'text', value: 'TIME', description: 'End at that time: 10m ago, or a date, which may be to come' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: [
    'events',
    'events --since 1h --stream=false',
    'events -f event=died -f container=web',
    "events --format '{{.Time}} {{.Action}} {{.Name}}'",
  ],
  async run(context, { flags }) {
    const { format, stream = true } = flags
    const isWanted = eventFilter(flags.filter ?? [])
    const chosen = readFormat(format)
    const now = context.clock.now()
    const until = flags.until === undefined ? undefined : parseFuture('--until', flags.until, now)
    const isOver = until !== undefined && until.getTime() <= now
    const since = flags.since === undefined ? (until === undefined ? undefined : new Date(0)) : parseMoment('--since', flags.since, now)
    if (since !== undefined && until !== undefined && since >= until) {
      throw new CliError('ERR_CLI_FLAG_VALUE', 'there is nothing between --since and --until: the one is not before the other')
    }
    const engine = await context.engine()
    const { signal } = context.signals
    const options = { follow: stream && !isOver, signal, ...(since !== undefined && { since }), ...(until !== undefined && { until }) }
    const whole = flags['no-trunc'] ?? true
    for await (const event of engine.system.events(options)) {
      if (!isWanted(event)) continue
      // Each on a line of its own, for whoever reads as they come.
      if (chosen === 'table') context.stdout.write(`${eventText(event, { whole })}\n`)
      else await printList(context.stdout, [event], eventList, { format: chosen === 'json' ? '{{json .}}' : format })
    }
    return 0
  },
})
