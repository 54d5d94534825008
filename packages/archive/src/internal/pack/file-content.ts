import { systemCodeOf } from '@podwright/conventions'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { ArchiveError } from '../../errors.ts'
import { quoteBytes } from '../bytes.ts'
import { readFailure } from './failure.ts'

/** A FIFO that took the file's place must not make us wait, nor a link lead elsewhere. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Reads as many bytes of a file as it had when it was looked at. */
export class FileContent {
  readonly #path: Buffer
  readonly #fd: number
  readonly #onShort: (() => void) | undefined
  #isShort = false
  remainingBytes: number

  /** With `onShort`, a file that became shorter goes on with zeros. @throws ERR_ARCHIVE_READ */
  constructor(path: Buffer, sizeBytes: number, onShort?: () => void) {
    this.#path = path
    this.#onShort = onShort
    this.remainingBytes = sizeBytes
    this.#fd = readFailure(path, () => openSync(path, flags))
  }

  /** @returns how many bytes were read. @throws ERR_ARCHIVE_READ */
  read(space: Buffer): number {
    const wanted = Math.min(space.length, this.remainingBytes)
    const length = this.#isShort ? 0 : readFailure(this.#path, () => readSync(this.#fd, space, 0, wanted, null))
    this.remainingBytes -= length || this.#fill(space, wanted)
    return length || wanted
  }

  #fill(space: Buffer, wanted: number): number {
    if (!this.#onShort)
      throw new ArchiveError('ERR_ARCHIVE_READ', `pack ${quoteBytes(this.#path)}: it became shorter meanwhile`, { retryable: true })
    if (!this.#isShort) this.#onShort()
    this.#isShort = true
    space.fill(0, 0, wanted)
    return wanted
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** Whether `error` says that a file that was there is no longer, or no longer a file. */
export function isGone(error: unknown): boolean {
  const code = systemCodeOf((error as { cause?: unknown }).cause)
  return code === 'ENOENT' || code === 'ELOOP' || code === 'ENXIO'
}
