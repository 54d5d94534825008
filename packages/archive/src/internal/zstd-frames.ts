import { ArchiveError } from '../errors.ts'

/** A piece of the compressed data without its skippable frames: a whole small frame, or the next bytes of a larger one. */
export interface ZstdPiece {
  readonly type: 'frame' | 'part'
  readonly bytes: Uint8Array
}

/** A frame of at most this many compressed bytes and blocks (of at most 128 KiB each) is small. */
const smallFrame = { bytes: 65_536, blocks: 2 }

const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a50

/** Which field of the format the next bytes are (RFC 8878, sections 3.1.1 and 3.1.2). */
type Field = 'magic' | 'skippableSize' | 'skippable' | 'descriptor' | 'frameHeader' | 'blockHeader' | 'block' | 'checksum'

/** Fields whose value matters. */
const valueFields: ReadonlySet<Field> = new Set<Field>(['magic', 'skippableSize', 'descriptor', 'blockHeader'])

/**
 * Finds where the frames of zstd begin and end, without decompressing them: Node's decompressor stops at the end of a frame when more bytes
 * follow in the same write, and says nothing.
 */
export class ZstdFrames {
  #field: Field = 'magic'
  /** Bytes that the field still lacks, and its value so far, little-endian. */
  #wanted = 4
  #value = 0
  #scale = 1
  #isSkippable = false
  #hasChecksum = false
  #isLastBlock = false
  #blocks = 0
  /** The beginning of a frame that may turn out to be small. */
  #held: Uint8Array[] = []
  #heldBytes = 0
  #isLarge = false
  #frames = 0

  /** @throws ERR_ARCHIVE_COMPRESSION */
  write(chunk: Uint8Array): ZstdPiece[] {
    const pieces: ZstdPiece[] = []
    let position = 0
    let start = 0
    while (position < chunk.length) {
      position = this.#take(chunk, position)
      while (this.#wanted === 0) {
        if (!this.#next()) continue
        if (this.#isSkippable) this.#isSkippable = false
        else this.#add(chunk.subarray(start, position), pieces, true)
        start = position
      }
    }
    if (!this.#isSkippable && start < chunk.length) this.#add(chunk.subarray(start), pieces, false)
    return pieces
  }

  /** @throws ERR_ARCHIVE_COMPRESSION when the input ended inside a frame, or there was none. */
  close(): void {
    if (this.#frames === 0 || this.#field !== 'magic' || this.#wanted !== 4) throw failure('the data ends too soon')
  }

  #take(chunk: Uint8Array, position: number): number {
    const end = Math.min(chunk.length, position + this.#wanted)
    this.#wanted -= end - position
    if (!valueFields.has(this.#field)) return end
    for (let index = position; index < end; index++) {
      this.#value += chunk[index]! * this.#scale
      this.#scale *= 256
    }
    return end
  }

  /** Goes on to the next field. @returns whether a frame is complete. */
  #next(): boolean {
    const value = this.#value
    switch (this.#field) {
      case 'magic':
        return this.#magic(value)
      case 'skippableSize':
        return this.#expect('skippable', value)
      case 'descriptor':
        return this.#descriptor(value)
      case 'frameHeader':
        return this.#expect('blockHeader', 3)
      case 'blockHeader':
        return this.#blockHeader(value)
      case 'block':
        if (!this.#isLastBlock) return this.#expect('blockHeader', 3)
        return this.#hasChecksum ? this.#expect('checksum', 4) : this.#endFrame()
      case 'skippable':
      case 'checksum':
        return this.#endFrame()
    }
  }

  #expect(field: Field, bytes: number): false {
    this.#field = field
    this.#wanted = bytes
    this.#value = 0
    this.#scale = 1
    return false
  }

  #endFrame(): true {
    this.#frames++
    this.#expect('magic', 4)
    return true
  }

  #magic(magic: number): false {
    if (magic - (magic % 16) === skippableMagic) {
      this.#isSkippable = true
      this.#held = []
      this.#heldBytes = 0
      return this.#expect('skippableSize', 4)
    }
    if (magic !== frameMagic) throw failure(this.#frames === 0 ? 'it is not zstd' : 'something else follows the last frame')
    this.#blocks = 0
    return this.#expect('descriptor', 1)
  }

  /** Bits 7 and 6: size of the content size; 5: single segment, without a window; 2: checksum; 1 and 0: size of the dictionary id. */
  #descriptor(value: number): false {
    this.#hasChecksum = (value & 0x04) !== 0
    const isSingleSegment = (value & 0x20) !== 0
    const sizeFlag = value >> 6
    const contentSizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag
    const dictionaryBytes = [0, 1, 2, 4][value & 0x03]!
    return this.#expect('frameHeader', Number(!isSingleSegment) + dictionaryBytes + contentSizeBytes)
  }

  /** Bit 0: last block; 2 and 1: raw, repeated byte, compressed; the rest: size. */
  #blockHeader(value: number): false {
    const type = (value >> 1) & 0x03
    if (type === 3) throw failure('a block has a type that does not exist')
    this.#isLastBlock = (value & 0x01) !== 0
    this.#blocks++
    return this.#expect('block', type === 1 ? 1 : value >> 3)
  }

  #add(bytes: Uint8Array, pieces: ZstdPiece[], isEnd: boolean): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    this.#isLarge ||= this.#heldBytes > smallFrame.bytes || this.#blocks > smallFrame.blocks
    if (!this.#isLarge && !isEnd) return
    if (this.#isLarge) for (const held of this.#held) pieces.push({ type: 'part', bytes: held })
    else pieces.push({ type: 'frame', bytes: this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held) })
    this.#held = []
    this.#heldBytes = 0
    if (isEnd) this.#isLarge = false
  }
}

function failure(reason: string): ArchiveError {
  return new ArchiveError('ERR_ARCHIVE_COMPRESSION', `decompress zstd: ${reason}`, {
    hint: 'The data is damaged or cut short: fetch it again.',
    retryable: true,
  })
}
