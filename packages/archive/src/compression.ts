/** How a layer is compressed. */
export type Compression = 'none' | 'gzip' | 'zstd'

/** How many bytes `detectCompression` wants to see. */
export const detectBytes = 4

/**
 * What a stream that begins with these bytes is compressed with: gzip (RFC 1952), zstd (RFC 8878: a frame, or a skippable frame), or
 * nothing known.
 */
export function detectCompression(firstBytes: Uint8Array): Compression {
  const [a, b, c, d] = firstBytes
  if (a === 0x1f && b === 0x8b) return 'gzip'
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd'
  if (a !== undefined && (a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return 'zstd'
  return 'none'
}
