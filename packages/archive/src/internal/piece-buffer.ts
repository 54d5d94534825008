const pieceBytes = 1 << 18

/** Collects small pieces into large ones. With `transient`, a piece is good until the next one is asked for: all of them are in one buffer. */
export class PieceBuffer {
  readonly #isTransient: boolean
  #buffer: Buffer = Buffer.allocUnsafeSlow(pieceBytes)
  #length = 0

  constructor(transient: boolean = false) {
    this.#isTransient = transient
  }

  get #space(): Buffer {
    return this.#buffer.subarray(this.#length)
  }

  *add(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (let position = 0; position < bytes.length;) {
      const length = Math.min(bytes.length - position, pieceBytes - this.#length)
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
    if (this.#length < pieceBytes) return
    yield this.#buffer
    if (!this.#isTransient) this.#buffer = Buffer.allocUnsafeSlow(pieceBytes)
    this.#length = 0
  }
}
