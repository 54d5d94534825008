import { ArchiveError } from '../errors.ts'

/**
 * A number of a header: octal digits between spaces and NULs, or GNU's base-256, where the first byte's highest bit is set and the rest is a
 * two's complement of 7 + 8 × (length - 1) bits.
 *
 * @throws ERR_ARCHIVE_MALFORMED for anything else and for what a double can't hold.
 */
export function parseNumber(block: Uint8Array, start: number, length: number, what: string): number {
  if ((block[start]! & 0x80) !== 0) return parseBase256(block, start, length, what)
  const end = start + length
  let index = start
  while (index < end && isBlank(block[index]!)) index++
  let value = 0
  for (; index < end; index++) {
    const digit = block[index]! - 0x30
    if (digit < 0 || digit > 7) break
    value = value * 8 + digit
  }
  for (; index < end; index++) {
    const byte = block[index]!
    // What follows a NUL is left over from another use of the field.
    if (byte === 0) break
    if (byte !== 0x20) throw malformedNumber(what)
  }
  if (value > Number.MAX_SAFE_INTEGER) throw malformedNumber(what)
  return value
}

function parseBase256(block: Uint8Array, start: number, length: number, what: string): number {
  const negative = (block[start]! & 0x40) !== 0
  let value = negative ? block[start]! - 0x100 : block[start]! & 0x7f
  for (let index = start + 1; index < start + length; index++) {
    value = value * 256 + block[index]!
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw malformedNumber(what)
  }
  return value
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0
}

function malformedNumber(what: string): ArchiveError {
  return new ArchiveError('ERR_ARCHIVE_MALFORMED', `read tar header: ${what} is not a number that can be used`)
}

/** A decimal number without sign, all of `bytes`. @throws ERR_ARCHIVE_MALFORMED */
export function parseDecimal(bytes: Uint8Array, what: string): number {
  let value = 0
  for (const byte of bytes) {
    const digit = byte - 0x30
    if (digit < 0 || digit > 9) throw malformedNumber(what)
    value = value * 10 + digit
  }
  if (bytes.length === 0 || value > Number.MAX_SAFE_INTEGER) throw malformedNumber(what)
  return value
}

const nanosecondDigits = 9
const maxSecondsDigits = 12

/** A PAX time, `-12.345`, in nanoseconds; digits beyond them are cut off. @throws ERR_ARCHIVE_MALFORMED */
export function parseTime(bytes: Uint8Array): bigint {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(Buffer.from(bytes).toString('latin1'))
  const seconds = match?.[2]
  if (seconds === undefined || seconds.length > maxSecondsDigits) throw malformedNumber('the time of a PAX record')
  const fraction = (match?.[3] ?? '').slice(0, nanosecondDigits).padEnd(nanosecondDigits, '0')
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction)
  return match?.[1] === '-' ? -nanoseconds : nanoseconds
}
