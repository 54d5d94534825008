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
  if (name.length > 100) throw invalidArchive(place, `the name ${name} is too long for it`)
  const header = new Uint8Array(512)
  const put = (text: string, offset: number): void => header.set(encoder.encode(text), offset)
  put(name, 0)
  put('0000644\0', 100)
  put('0000000\0', 108)
  put('0000000\0', 116)
  putSize(header, sizeBytes)
  // The epoch: the same image gives the same archive.
  put('00000000000\0', 136)
  put('        0', 148)
  put('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

function putSize(header: Uint8Array, sizeBytes: number): void {
  const offset = 124
  if (sizeBytes <= octalMaximum) return header.set(encoder.encode(`${sizeBytes.toString(8).padStart(11, '0')}\0`), offset)
  new DataView(header.buffer).setBigUint64(offset + 4, BigInt(sizeBytes))
  header[offset] = 0x80
}
