import { closeSync } from 'node:fs'
import { constants as systemConstants } from 'node:os'
import { descriptorReady, ignoreDescriptor } from './internal/descriptor-events.ts'
import { lastErrno, libcFunction } from './internal/libc.ts'
import { systemError } from './internal/system-error.ts'

const readInto = libcFunction('long read(int fd, void *buffer, size_t size)')
const writeFrom = libcFunction('long write(int fd, const void *buffer, size_t size)')
const fcntl = libcFunction('int fcntl(int fd, int command, int argument)')

const getFlags = 3
const setFlags = 4
const nonBlocking = 0o4000

/** How much one read takes at most: what a pipe holds. */
const readBytes = 64 * 1024

/** After so many reads or writes that did not have to wait, signals and timers get their turn. */
const longestStreak = 16

/**
 * A pipe or socket of this process, read and written without a stream: the code of `node:net` takes longer to load than many commands run.
 *
 * It is made non-blocking, which everybody sees who has it from the same open(2).
 */
export class Descriptor implements Disposable {
  #fd: number
  #streak = 0

  constructor(fd: number) {
    this.#fd = fd
    const flags = fcntl(fd, getFlags, 0)
    if (flags < 0 || ((flags & nonBlocking) === 0 && fcntl(fd, setFlags, flags | nonBlocking) < 0)) throw systemError('fcntl')
  }

  /** Its number; -1 once it is closed. */
  get fd(): number {
    return this.#fd
  }

  /**
   * What has come, at most 64 KiB, once something has; of a socket that keeps packets apart, one. Undefined at the end, and once this is closed.
   *
   * @throws as `node:fs` does
   */
  async read(): Promise<Uint8Array | undefined> {
    while (this.#fd >= 0) {
      const count = readInto(this.#fd, scratch, readBytes)
      if (count > 0) {
        const bytes = scratch.slice(0, count)
        await this.#letOthers()
        return bytes
      }
      if (count === 0) return undefined
      await this.#ready('readable', 'read')
    }
    return undefined
  }

  /** All that comes until its end. */
  async readAll(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  /**
   * Writes all of it, as fast as the other end takes it. Two writes at once would mix. When it is closed meanwhile, what is left is dropped.
   *
   * @throws as `node:fs` does: EPIPE when nobody reads any more
   */
  async write(content: Uint8Array | string): Promise<void> {
    let rest = typeof content === 'string' ? Buffer.from(content) : content
    while (rest.byteLength > 0 && this.#fd >= 0) {
      const count = writeFrom(this.#fd, rest, rest.byteLength)
      if (count < 0) await this.#ready('writable', 'write')
      else {
        rest = rest.subarray(count)
        await this.#letOthers()
      }
    }
  }

  /** Closes it; whoever waits goes on. A second call does nothing. */
  close(): void {
    if (this.#fd < 0) return
    const fd = this.#fd
    this.#fd = -1
    ignoreDescriptor(fd)
    closeSync(fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** After a call that failed: waits, when it failed because there is nothing to do yet. */
  async #ready(event: 'readable' | 'writable', call: string): Promise<void> {
    const errno = lastErrno()
    if (errno === systemConstants.errno.EINTR) return
    if (errno !== systemConstants.errno.EAGAIN) throw systemError(call)
    this.#streak = 0
    await descriptorReady(this.#fd, event)
  }

  async #letOthers(): Promise<void> {
    this.#streak++
    if (this.#streak < longestStreak) return
    this.#streak = 0
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Nothing is awaited between a read and the copy of what it has read. */
const scratch = new Uint8Array(readBytes)
