import type { LogEntry } from '@podwright/contracts'

/** journald's priority of what conmon takes from stderr (syslog(3), LOG_ERR). */
const errorPriority = '3'
/** What a Date can hold. */
const latestMicros = 8.64e18

/** An entry, and where in the journal it stands. */
export interface JournalEntry extends LogEntry {
  /** What journalctl takes for `--after-cursor`. */
  readonly cursor?: string | undefined
}

/**
 * Parses an entry as `journalctl --output json` prints it (systemd's "Journal JSON Format"): a field that is no text is a list of bytes. Undefined for
 * anything else, or an entry without a message.
 */
export function parseJournalLine(line: string): JournalEntry | undefined {
  const fields = parseObject(line)
  const message = bytesOf(fields?.['MESSAGE'])
  const micros = Number(fields?.['__REALTIME_TIMESTAMP'])
  if (fields === undefined || message === undefined || !(micros >= 0 && micros <= latestMicros)) return undefined
  const cursor = fields['__CURSOR']
  const isPartial = fields['CONTAINER_PARTIAL_MESSAGE'] === 'true'
  return {
    time: new Date(micros / 1000),
    timeText: timeText(micros),
    stream: fields['PRIORITY'] === errorPriority ? 'stderr' : 'stdout',
    data: isPartial || message.at(-1) === 0x0a ? message : Buffer.concat([message, Buffer.from('\n')]),
    cursor: typeof cursor === 'string' ? cursor : undefined,
  }
}

/** Nine digits of a second, as in the log files. */
function timeText(micros: number): string {
  return new Date(micros / 1000).toISOString().replace('Z', `${String(Math.floor(micros % 1000)).padStart(3, '0')}000Z`)
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value)
  return Array.isArray(value) && value.every((byte) => typeof byte === 'number') ? Buffer.from(value) : undefined
}
