import type { LogEntry } from '@podwright/contracts'
import type { CommandContext, Output } from '../context.ts'

/** Entries are written together up to this many bytes; each write is a system call. */
const batchBytes = 65_536
const newline = 0x0a

/** How a container's lines look. */
export interface LogLineStyle {
  /** Before each line, and before its time. */
  readonly prefix: string
  readonly timestamps: boolean
  /** Before the text of each line. @default nothing */
  readonly details?: string | undefined
  /** Of the whole line (SGR, `31`). @default that of the terminal */
  readonly color?: number | undefined
}

/** Writes log entries out, in order, as soon as nothing more comes at once. */
export interface LogWriter extends Disposable {
  /** What writes the entries of one container. */
  of(style: LogLineStyle): (entry: LogEntry) => void
}

/** Opens a writer of containers' logs onto our stdout and stderr. */
export function openLogWriter({ stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>): LogWriter {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let output: Output = stdout
  let idle: NodeJS.Immediate | undefined
  const unfinished: (() => void)[] = []
  const flush = (): void => {
    clearImmediate(idle)
    idle = undefined
    if (pendingBytes === 0) return
    const content = pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    output.write(content)
  }
  const push = (bytes: Uint8Array): void => {
    pending.push(bytes)
    pendingBytes += bytes.length
  }
  const turnTo = (stream: LogEntry['stream']): void => {
    const next = stream === 'stdout' ? stdout : stderr
    if (next !== output) flush()
    output = next
  }
  return {
    of(style) {
      const atLineStart = { stdout: true, stderr: true }
      const { color } = style
      if (color !== undefined) {
        unfinished.push(() => {
          for (const stream of ['stdout', 'stderr'] as const) {
            if (atLineStart[stream]) continue
            turnTo(stream)
            push(colorEnd)
          }
        })
      }
      return (entry) => {
        turnTo(entry.stream)
        if (atLineStart[entry.stream]) {
          const head = headOf(entry, style)
          if (head !== '') push(Buffer.from(head))
        }
        const isWhole = entry.data.at(-1) === newline
        atLineStart[entry.stream] = isWhole
        if (color === undefined || !isWhole) push(entry.data)
        else {
          push(entry.data.subarray(0, -1))
          push(coloredLineEnd)
        }
        if (pendingBytes >= batchBytes) flush()
        else idle ??= setImmediate(flush)
      }
    },
    [Symbol.dispose]: () => {
      for (const finish of unfinished) finish()
      flush()
    },
  }
}

const colorEnd = Buffer.from('\u001b[0m')
const coloredLineEnd = Buffer.from('\u001b[0m\n')

function headOf(entry: LogEntry, { prefix, timestamps, details, color }: LogLineStyle): string {
  const start = color === undefined ? '' : `\u001b[${color}m`
  return `${start}${prefix}${timestamps ? `${entry.timeText ?? entry.time.toISOString()} ` : ''}${details === undefined ? '' : `${details} `}`
}
