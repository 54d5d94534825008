import { createHash } from 'node:crypto'
import { Readable, Writable } from 'node:stream'

/** A stream that keeps what is written to it. */
export class Sink extends Writable {
  readonly chunks: Buffer[] = []
  #waiting: (() => void)[] = []

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(Buffer.from(chunk))
    for (const wake of this.#waiting.splice(0)) wake()
    done()
  }

  text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  /** Resolves once the text so far has that in it. */
  async until(part: string): Promise<string> {
    while (!this.text().includes(part)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.text()
  }
}

/** Hashes what is written to it; slowly, when told so. */
export class HashSink extends Writable {
  readonly hash: ReturnType<typeof createHash> = createHash('sha256')
  bytes = 0
  readonly #pauseEvery: number

  constructor(pauseEvery = 0) {
    super({ highWaterMark: 64 * 1024 })
    this.#pauseEvery = pauseEvery
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const before = this.bytes
    this.bytes += chunk.byteLength
    this.hash.update(chunk)
    const isPause = this.#pauseEvery > 0 && Math.floor(before / this.#pauseEvery) !== Math.floor(this.bytes / this.#pauseEvery)
    if (isPause) setTimeout(done, 20)
    else done()
  }
}

/** Bytes of all values that no compression and no text decoding leaves as they are, always the same. */
export function noise(bytes: number, hash?: ReturnType<typeof createHash>): Readable {
  const block = Buffer.alloc(1024 * 1024)
  let state = 1
  for (let offset = 0; offset < block.length; offset += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    block.writeUInt32LE(state, offset)
  }
  let left = bytes
  return new Readable({
    highWaterMark: 256 * 1024,
    read() {
      // Odd sizes, so that no chunk boundary is a round number.
      const size = Math.min(left, 131_071)
      left -= size
      if (size === 0) return void this.push(null)
      const chunk = Buffer.from(block.subarray(left % 65_536, (left % 65_536) + size))
      hash?.update(chunk)
      this.push(chunk)
    },
  })
}
