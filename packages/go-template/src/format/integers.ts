import { type Flags, pad, padSpaces } from './flags.ts'
import { characterOf, quote } from './quote.ts'

const bases: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }
const prefixes: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' }

/** A whole number as a verb has it; undefined when the verb is not for whole numbers. */
export function formatInteger(value: bigint, verb: string, flags: Flags): string | undefined {
  const base = bases[verb]
  if (base !== undefined) return padSpaces(digits(value, verb, base, flags), flags)
  switch (verb) {
    case 'c':
      return pad(characterOf(value), flags)
    case 'q':
      return pad(quote(characterOf(value), { mark: "'", ascii: flags.plus }), flags)
    case 'U':
      return padSpaces(unicode(value, flags), flags)
    default:
      return undefined
  }
}

function digits(value: bigint, verb: string, base: number, flags: Flags): string {
  const negative = value < 0n
  const magnitude = (negative ? -value : value).toString(base)
  const cased = verb === 'X' ? magnitude.toUpperCase() : magnitude
  if (flags.precision === 0 && value === 0n) return ''
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  const filled = cased.padStart(minimumDigits(flags, sign), '0')
  return sign + prefixOf(filled, verb, flags) + filled
}

/** A width with the flag `0` counts the sign, and no prefix. */
function minimumDigits(flags: Flags, sign: string): number {
  if (flags.precision !== undefined) return flags.precision
  return flags.zero && !flags.minus && flags.width !== undefined ? flags.width - sign.length : 0
}

function prefixOf(filled: string, verb: string, { sharp }: Flags): string {
  if (verb === 'O') return '0o'
  if (!sharp || (verb === 'o' && filled.startsWith('0'))) return ''
  return prefixes[verb] ?? ''
}

function unicode(value: bigint, { sharp, precision }: Flags): string {
  const code = `U+${BigInt.asUintN(64, value)
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, precision ?? 0), '0')}`
  const character = characterOf(value)
  return sharp && value >= 0n && value <= 0x10_ff_ffn && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character) ? `${code} '${character}'` : code
}
