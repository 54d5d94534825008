/** Bytes as a string of the same length, and back: keys, comparisons and slices of strings are much cheaper than those of arrays. */
export function latin1(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('latin1')
}

/** The bytes of a string that `latin1` made. */
export function fromLatin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** A copy that does not keep the chunk alive that `bytes` is a part of. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes)
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const maxQuoted = 200

/** Bytes for a message: quoted, what isn't printable text as `\xNN`, capped. */
export function quoteBytes(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, maxQuoted)
  let text: string
  try {
    text = strictUtf8.decode(shown)
  } catch {
    text = latin1(shown).replace(/[\x80-\xff]/gu, hexEscape)
  }
  // oxlint-disable-next-line no-control-regex
  return `'${text.replace(/[\0-\x1f\x7f]/gu, hexEscape)}${bytes.length > maxQuoted ? '…' : ''}'`
}

function hexEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
