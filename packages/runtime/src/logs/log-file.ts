import { systemCodeOf } from '@podwright/conventions'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { type LogLine, parseLogLine } from './log-line.ts'

const blockBytes = 256 * 1024
const newline = 0x0a

/** An open log, read forward. */
export class LogFile implements AsyncDisposable {
  readonly file: FileHandle
  /** The inode's number. */
  readonly inode: number
  #offset = 0
  #held: Buffer = Buffer.alloc(0)

  private constructor(file: FileHandle, inode: number) {
    this.file = file
    this.inode = inode
  }

  /** Undefined when there is none. */
  static async open(path: string): Promise<LogFile | undefined> {
    try {
      const file = await open(path)
      return new LogFile(file, (await file.stat()).ino)
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  seek(offset: number): void {
    this.#offset = offset
    this.#held = Buffer.alloc(0)
  }

  /** Whether a log of that name is written to another file by now, or to none. */
  async wasRotated(path: string): Promise<boolean> {
    try {
      return (await stat(path)).ino !== this.inode
    } catch {
      return true
    }
  }

  /** When it was written last. */
  async writtenAt(): Promise<number> {
    return (await this.file.stat()).mtimeMs
  }

  /** What was written since the last call, up to the last whole line, a block at a time. A file that was cut is read from its new beginning. */
  async *blocks(): AsyncIterable<readonly LogLine[]> {
    if ((await this.file.stat()).size < this.#offset) this.seek(0)
    for (;;) {
      const block = Buffer.allocUnsafeSlow(blockBytes)
      const { bytesRead } = await this.file.read(block, 0, blockBytes, this.#offset)
      if (bytesRead === 0) return
      this.#offset += bytesRead
      yield this.#split(block.subarray(0, bytesRead))
    }
  }

  #split(block: Buffer): readonly LogLine[] {
    const lines: LogLine[] = []
    let start = 0
    for (let end = block.indexOf(newline); end >= 0; end = block.indexOf(newline, start)) {
      const line = block.subarray(start, end + 1)
      const parsed = parseLogLine(this.#held.length > 0 ? Buffer.concat([this.#held, line]) : line)
      this.#held = Buffer.alloc(0)
      start = end + 1
      if (parsed !== undefined) lines.push(parsed)
    }
    if (start < block.length) this.#held = Buffer.concat([this.#held, block.subarray(start)])
    return lines
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close()
  }
}
