import { ArchiveError } from '../errors.ts'
import { copyBytes } from './bytes.ts'
import { typeFlags } from './header.ts'
import { type PaxFields, parsePax } from './pax.ts'

type MetadataUse = 'pax' | 'globalPax' | 'longName' | 'longLink'

const uses: ReadonlyMap<number, MetadataUse> = new Map<number, MetadataUse>([
  [typeFlags.pax, 'pax'],
  [typeFlags.solarisPax, 'pax'],
  [typeFlags.globalPax, 'globalPax'],
  [typeFlags.gnuLongName, 'longName'],
  [typeFlags.gnuLongLink, 'longLink'],
])

/** Whether an entry of this type flag is not a file, but tells of those that follow. */
export function isMetadata(typeFlag: number): boolean {
  return uses.has(typeFlag)
}

/** Collects the headers that stand before an entry: PAX, local and global, and GNU's long names. */
export class Metadata {
  readonly #maxBytes: number
  readonly #global: PaxFields = {}
  #pax: PaxFields | undefined
  #longName: Uint8Array | undefined
  #longLink: Uint8Array | undefined
  #use: MetadataUse = 'pax'
  #bytes: Uint8Array = new Uint8Array(0)
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether an entry has to follow. */
  get isPending(): boolean {
    return this.#pax !== undefined || this.#longName !== undefined || this.#longLink !== undefined
  }

  begin(typeFlag: number, size: number): void {
    if (size > this.#maxBytes) {
      throw new ArchiveError('ERR_ARCHIVE_MALFORMED', `read tar: a PAX header or long name has ${size} bytes, more than ${this.#maxBytes}`)
    }
    this.#use = uses.get(typeFlag)!
    this.#bytes = new Uint8Array(size)
    this.#length = 0
    if (size === 0) this.#complete()
  }

  /** Takes what it still wants from `chunk`; the position behind that. */
  write(chunk: Uint8Array, position: number): number {
    const end = Math.min(chunk.length, position + this.#bytes.length - this.#length)
    this.#bytes.set(chunk.subarray(position, end), this.#length)
    this.#length += end - position
    if (this.isComplete) this.#complete()
    return end
  }

  get isComplete(): boolean {
    return this.#length === this.#bytes.length
  }

  /** What was said for the entry that comes now. Long names of GNU count more than PAX, as in Go's archive/tar. */
  take(): PaxFields {
    const fields = this.#pax ?? this.#inherit()
    if (this.#longName) fields.path = this.#longName
    if (this.#longLink) fields.linkPath = this.#longLink
    this.#pax = this.#longName = this.#longLink = undefined
    return fields
  }

  #complete(): void {
    if (this.#use === 'globalPax') parsePax(this.#bytes, this.#global)
    else if (this.#use === 'pax') parsePax(this.#bytes, (this.#pax ??= this.#inherit()))
    else if (this.#use === 'longName') this.#longName = untilNul(this.#bytes)
    else this.#longLink = untilNul(this.#bytes)
  }

  /** What global headers said so far; an entry's own header may say otherwise. */
  #inherit(): PaxFields {
    const { xattrs, ...fields } = this.#global
    return xattrs ? { ...fields, xattrs: new Map(xattrs) } : fields
  }
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : copyBytes(bytes.subarray(0, end))
}
