import { GoFloat } from '../values/numbers.ts'

const minimum = -(2n ** 63n)
const maximum = 2n ** 63n - 1n

const decimal = /^[+-]?(?:\d+(?:_\d+)*)$/
const prefixed = /^[+-]?0(?:[xX](?:_?[0-9a-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)$/
const float = /^[+-]?(?=\.?\d)(?:\d+(?:_\d+)*)?(?:\.(?:\d+(?:_\d+)*)?)?(?:[eE][+-]?\d+)?$/
const hexFloat = /^([+-]?)0[xX]([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([+-]?\d+)$/

/** What a number literal is worth, or what is wrong with it. */
export type NumberLiteral = { readonly value: number | bigint | GoFloat } | { readonly problem: string }

/** Reads a number of Go: `1_000`, `0x1f`, `0o17`, `017`, `0b1`, `1e3`, `0x1p4`. A float stays one, even if it is whole. */
export function parseNumber(text: string): NumberLiteral {
  const bad = { problem: `illegal number syntax: ${JSON.stringify(text)}` }
  if (text.endsWith('i') && !/^[+-]?0[xX]/.test(text)) return { problem: `complex numbers are not supported: ${text}` }
  if (decimal.test(text) || prefixed.test(text)) return integer(text) ?? bad
  const value = hexFloat.test(text) ? readHexFloat(text) : float.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
  return Number.isFinite(value) ? { value: new GoFloat(value) } : bad
}

function integer(text: string): NumberLiteral | undefined {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '')
  const octal = /^0\d/.test(digits)
  if (octal && !/^[0-7]+$/.test(digits)) return undefined
  const magnitude = BigInt(octal ? `0o${digits.slice(1)}` : digits.toLowerCase())
  const value = negative ? -magnitude : magnitude
  if (value < minimum || value > 2n * maximum + 1n) return undefined
  if (value > maximum) return { problem: `${text} overflows int` }
  return { value: Number.isSafeInteger(Number(value)) ? Number(value) : value }
}

function readHexFloat(text: string): number {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = hexFloat.exec(text) ?? []
  const digits = (whole + fraction).replaceAll('_', '')
  if (digits === '') return Number.NaN
  const value = Number.parseInt(digits, 16) * 2 ** (Number(exponent) - 4 * fraction.replaceAll('_', '').length)
  return sign === '-' ? -value : value
}
