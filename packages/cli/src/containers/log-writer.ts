import type { LogEntry } from '@podwright/contracts'
import type { CommandContext, Output } from '../context.ts'

/** Entries are written together up to this many bytes; each write is a system call. */
const batchBytes = 65_536

/** How lines begin. */
export interface LogWriterOptions {
  readonly prefix: string
  readonly timestamps: boolean
}

/** Writes log entries out, in order, as soon as nothing more comes at once. */
export interface LogWriter extends Disposable {
  write(entry: LogEntry): void
}

/** Opens a writer of a container's log onto our stdout and stderr. */
export function openLogWriter({ stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>, options: LogWriterOptions): LogWriter {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let output: Output = stdout
  let idle: NodeJS.Immediate | undefined
  const atLineStart = { stdout: true, stderr: true }
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
  return {
    write(entry) {
      const next = entry.stream === 'stdout' ? stdout : stderr
      if (next !== output) flush()
      output = next
      if (atLineStart[entry.stream]) {
        const head = options.prefix + (options.timestamps ? `${entry.time.toISOString()} ` : '')
        if (head !== '') push(Buffer.from(head))
      }
      atLineStart[entry.stream] = entry.data.at(-1) === 0x0a
      push(entry.data)
      if (pendingBytes >= batchBytes) flush()
      else idle ??= setImmediate(flush)
    },
    [Symbol.dispose]: flush,
  }
}
