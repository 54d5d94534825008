import type { CommandContext } from '../context.ts'
import { interrupted } from './signals.ts'

/** A password is not longer. */
const maximumBytes = 64 * 1024

const keys = { interrupt: 0x03, endOfInput: 0x04, backspace: 0x08, newline: 0x0a, carriageReturn: 0x0d, erase: 0x15, delete: 0x7f } as const

/** All of stdin, without the newlines at its end. */
export async function readStandardInput({ stdin }: Pick<CommandContext, 'stdin'>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin.stream()) {
    chunks.push(Buffer.from(chunk as Uint8Array))
    size += (chunk as Uint8Array).length
    if (size > maximumBytes) break
  }
  return Buffer.concat(chunks)
    .toString()
    .replace(/[\r\n]+$/, '')
}

/**
 * Asks for a line on stderr, and reads it from stdin. Hidden, nothing of it is shown, and the terminal's settings are given back whatever happens.
 *
 * @throws CliError `ERR_CLI_INTERRUPTED` for Ctrl-C
 */
export async function askFor(context: CommandContext, question: string, options: { readonly hidden?: boolean } = {}): Promise<string> {
  const raw = options.hidden === true && context.stdin.isTerminal ? await context.terminal.loadRaw() : undefined
  // Before the question: whoever answers at once, or pastes, must not be shown.
  using _ = raw?.()
  context.stderr.write(question)
  const line = await readLine(context)
  if (raw !== undefined) context.stderr.write('\r\n')
  return line
}

/** Asks a question that is answered by y or yes. Whatever else is said, or nothing, is a no. */
export async function confirm(context: CommandContext, question: string): Promise<boolean> {
  return /^y(?:es)?$/i.test((await askFor(context, `${question} [y/N] `)).trim())
}

/** Reads up to the end of a line. What comes after it stays in the stream. */
function readLine({ stdin, signals }: CommandContext): Promise<string> {
  const stream = stdin.stream()
  const line: number[] = []
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      stream.off('data', onData).off('end', onEnd)
      signals.signal.removeEventListener('abort', onAbort)
      stream.pause()
      end()
    }
    const text = (): string => Buffer.from(line).toString()
    const onEnd = (): void => finish(() => resolve(text()))
    const onAbort = (): void => finish(() => reject(signals.signal.reason))
    const onData = (chunk: Buffer): void => {
      for (const [index, byte] of chunk.entries()) {
        if (byte === keys.interrupt) return finish(() => reject(interrupted('SIGINT')))
        if (byte === keys.newline || byte === keys.carriageReturn || byte === keys.endOfInput) {
          return finish(() => {
            if (index + 1 < chunk.length) stream.unshift(chunk.subarray(index + 1))
            resolve(text())
          })
        }
        edit(line, byte)
      }
    }
    stream.on('data', onData).on('end', onEnd)
    signals.signal.addEventListener('abort', onAbort, { once: true })
    if (signals.signal.aborted) onAbort()
    else if (stream.readableEnded) onEnd()
    // A stream that was paused by the question before does not go on by itself.
    else stream.resume()
  })
}

/** The keys that a line is corrected by, where the terminal doesn't do it. */
function edit(line: number[], byte: number): void {
  if (byte === keys.erase) line.length = 0
  else if (byte === keys.backspace || byte === keys.delete) dropLast(line)
  else line.push(byte)
}

/** A character is several bytes in UTF-8; all but its first begin with the bits 10. */
function dropLast(line: number[]): void {
  while (line.length > 0 && ((line.pop() as number) & 0xc0) === 0x80);
}
