import { invalidArchive } from './archive-error.ts'

const encoder = new TextEncoder()

/** Largest size that eleven octal digits can say. */
const octalMaximum = 0o77777777777

/**
 * The header of a file: ustar, with the size in base 256, as GNU tar has it, where octal digits don't reach. It is always one block, so that it can be written
 * behind the content, when its size is known.
 *
 * @param name of at most 100 ASCII characters
 */
export function tarHeader(name: string, sizeBytes: number, place: string): Uint8Array {
  return headerBlock({ name, sizeBytes, mode: '0000644', type: '0' }, place)
}

/** The header of a directory. @param name ends with a slash */
export function directoryHeader(name: string, place: string): Uint8Array {
  return headerBlock({ name, sizeBytes: 0, mode: '0000755', type: '5' }, place)
}

interface HeaderFields {
  readonly name: string
  readonly sizeBytes: number
  /** Octal, with its leading zeros. */
  readonly mode: string
  readonly type: string
}

function headerBlock({ name, sizeBytes, mode, type }: HeaderFields, place: string): Uint8Array {
  if (name.length > 100) throw invalidArchive(place, `the name ${name} is too long for it`)
  const block = new Uint8Array(512)
  const put = (text: string, offset: number): void => block.set(encoder.encode(text), offset)
  put(name, 0)
  put(`${mode}\0`, 100)
  put('0000000\0', 108)
  put('0000000\0', 116)
  putSize(block, sizeBytes)
  // The epoch: the same image gives the same archive.
  put('00000000000\0', 136)
  put('        0', 148)
  put(type, 156)
  put('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function putSize(header: Uint8Array, sizeBytes: number): void {
  const offset = 124
  if (sizeBytes <= octalMaximum) return header.set(encoder.encode(`${sizeBytes.toString(8).padStart(11, '0')}\0`), offset)
  new DataView(header.buffer).setBigUint64(offset + 4, BigInt(sizeBytes))
  header[offset] = 0x80
}
