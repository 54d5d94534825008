import type { LogEntry } from '@podwright/contracts'

const space = 0x20
const newline = 0x0a
const full = 0x46

/** One line of a log file. The time is parsed when somebody asks for it. */
export class LogLine implements LogEntry {
  readonly stream: 'stdout' | 'stderr'
  readonly data: Uint8Array
  /** Whether the container ended its line here. */
  readonly complete: boolean
  readonly #timeText: string

  constructor(timeText: string, stream: 'stdout' | 'stderr', data: Uint8Array, complete: boolean) {
    this.#timeText = timeText
    this.stream = stream
    this.data = data
    this.complete = complete
  }

  get timeText(): string {
    return this.#timeText.replace(/[+-]00:00$/, 'Z')
  }

  get time(): Date {
    // Nine digits of a second; Date knows three.
    return new Date(this.#timeText.replace(/(\.\d{3})\d+/, '$1'))
  }
}

/**
 * Parses `TIME stdout|stderr P|F TEXT` with its newline. Undefined for anything else: what a lost machine left, or a line cut short.
 */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const timeEnd = line.indexOf(space)
  const streamEnd = line.indexOf(space, timeEnd + 1)
  const tagEnd = line.indexOf(space, streamEnd + 1)
  if (timeEnd <= 0 || streamEnd !== timeEnd + 7 || tagEnd !== streamEnd + 2 || line.at(-1) !== newline) return undefined
  const stream = line.toString('latin1', timeEnd + 1, streamEnd)
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  const complete = line[streamEnd + 1] === full
  return new LogLine(line.toString('latin1', 0, timeEnd), stream, line.subarray(tagEnd + 1, complete ? line.length : -1), complete)
}

/** Whether a line of the file ends a line of the container. */
export function endsLine(line: Buffer): boolean {
  return parseLogLine(line)?.complete ?? true
}
