import { closeSync, constants, openSync, readSync } from 'node:fs'
import { ArchiveError } from '../../errors.ts'
import { readFailure } from './failure.ts'
import { quoteBytes } from '../bytes.ts'

/** A FIFO that took the file's place must not make us wait, nor a link lead elsewhere. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Reads as many bytes of a file as it had when it was looked at. */
export class FileContent {
  readonly #path: Buffer
  readonly #fd: number
  remainingBytes: number

  constructor(path: Buffer, sizeBytes: number) {
    this.#path = path
    this.remainingBytes = sizeBytes
    this.#fd = readFailure(path, () => openSync(path, flags))
  }

  /** @returns how many bytes were read. @throws ERR_ARCHIVE_READ */
  read(space: Buffer): number {
    const length = readFailure(this.#path, () => readSync(this.#fd, space, 0, Math.min(space.length, this.remainingBytes), null))
    if (length === 0)
      throw new ArchiveError('ERR_ARCHIVE_READ', `pack ${quoteBytes(this.#path)}: it became shorter meanwhile`, { retryable: true })
    this.remainingBytes -= length
    return length
  }

  close(): void {
    closeSync(this.#fd)
  }
}
