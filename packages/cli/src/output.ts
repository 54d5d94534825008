import type * as NodeFs from 'node:fs'
import type { Readable } from 'node:stream'
import type { Input, Output } from './context.ts'

const fs: typeof NodeFs = process.getBuiltinModule('node:fs')

/** How long to wait before a full pipe is tried again, in milliseconds. */
const fullPipePauseMs = 2

/** stdin. */
export function openInput(): Input {
  return {
    get isTerminal() {
      return isTerminal(0)
    },
    stream: (): Readable => process.stdin,
  }
}

/** An output of this process. */
export interface ProcessOutput extends Output {
  /** Resolves once its stream has written everything: Node forgets what a full pipe did not take yet when the process exits. */
  flush(): Promise<void>
}

/**
 * stdout or stderr, written synchronously: `process.stdout` on a pipe loads Node's network code, which takes longer than most commands.
 *
 * @param onBrokenPipe called when the reader has gone; must not return
 */
export function openOutput(fd: 1 | 2, onBrokenPipe: () => never): ProcessOutput {
  let opened: NodeJS.WriteStream | undefined
  const stream = (): NodeJS.WriteStream => {
    opened ??= (fd === 1 ? process.stdout : process.stderr).on('error', onStreamError)
    return opened
  }
  const onStreamError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') onBrokenPipe()
  }
  const terminal = isTerminal(fd)
  return {
    isTerminal: terminal,
    isColorful: terminal && process.env['TERM'] !== 'dumb' && !process.env['NO_COLOR'],
    get columns() {
      return (terminal && stream().columns) || 80
    },
    get rows() {
      return (terminal && stream().rows) || 24
    },
    write: (content) => writeAll(fd, typeof content === 'string' ? Buffer.from(content) : content, onBrokenPipe),
    stream,
    flush: () =>
      new Promise((resolve) => (opened === undefined || opened.writableLength === 0 ? resolve() : opened.write('', () => resolve()))),
  }
}

/** Device numbers (Linux, Documentation/admin-guide/devices.txt): /dev/null and its like, and pseudo-terminals. */
const memoryMajor = 1
const pseudoTerminalMajors = { first: 136, last: 143 }

/** Asks the file system first: only a character device can be a terminal, and `node:tty` loads the network code, which takes 7 ms. */
function isTerminal(fd: number): boolean {
  try {
    const facts = fs.fstatSync(fd)
    if (!facts.isCharacterDevice()) return false
    const major = (facts.rdev >> 8) & 0xfff
    if (major === memoryMajor) return false
    if (major >= pseudoTerminalMajors.first && major <= pseudoTerminalMajors.last) return true
    return process.getBuiltinModule('node:tty').isatty(fd)
  } catch {
    return false
  }
}

function writeAll(fd: number, bytes: Uint8Array, onBrokenPipe: () => never): void {
  let offset = 0
  while (offset < bytes.length) {
    try {
      offset += fs.writeSync(fd, bytes, offset)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') onBrokenPipe()
      // Somebody who shares the pipe has made it non-blocking, and it is full.
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fullPipePauseMs)
    }
  }
}
