const pieceBytes = 1 << 18
/** One buffer for all costs nothing to be larger, and saves calls: as much as a pipe may hold. */
const transientBytes = 1 << 20

/** Collects small pieces into large ones. With `transient`, a piece is good until the next one is asked for: all of them are in one buffer. */
export class PieceBuffer {
  readonly #isTransient: boolean
  readonly #pieceBytes: number
  #buffer: Buffer
  #length = 0

  constructor(transient: boolean = false) {
    this.#isTransient = transient
    this.#pieceBytes = transient ? transientBytes : pieceBytes
    this.#buffer = Buffer.allocUnsafeSlow(this.#pieceBytes)
  }

  get #space(): Buffer {
    return this.#buffer.subarray(this.#length)
  }

  *add(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (let position = 0; position < bytes.length;) {
      const length = Math.min(bytes.length - position, this.#pieceBytes - this.#length)
      this.#buffer.set(bytes.subarray(position, position + length), this.#length)
      position += length
      yield* this.#advance(length)
    }
  }

  /** Has `read` write into the space that is left; it returns how much it wrote. */
  *fill(read: (space: Buffer) => number): Generator<Uint8Array, void, undefined> {
    yield* this.#advance(read(this.#space))
  }

  *flush(): Generator<Uint8Array, void, undefined> {
    if (this.#length > 0) yield this.#buffer.subarray(0, this.#length)
    this.#length = 0
  }

  *#advance(length: number): Generator<Uint8Array, void, undefined> {
    this.#length += length
    if (this.#length < this.#pieceBytes) return
    yield this.#buffer
    if (!this.#isTransient) this.#buffer = Buffer.allocUnsafeSlow(pieceBytes)
    this.#length = 0
  }
}
