import { type Decimal, exactDecimal, roundDecimal, shortestDecimal } from './decimal.ts'
import { type Flags, padSpaces } from './flags.ts'

/** A float as a verb has it; undefined when the verb is not for floats. */
export function formatFloat(value: number, verb: string, flags: Flags): string | undefined {
  if (!/^[vgGeEfFbxX]$/.test(verb)) return undefined
  const negative = value < 0 || Object.is(value, -0)
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  if (!Number.isFinite(value))
    return padSpaces((Number.isNaN(value) ? sign.replace('-', '') : sign || '+') + (Number.isNaN(value) ? 'NaN' : 'Inf'), flags)
  const magnitude = magnitudeText(Math.abs(value), verb, flags)
  const zeros = flags.zero && !flags.minus && flags.width !== undefined ? flags.width - sign.length : 0
  return padSpaces(sign + magnitude.padStart(zeros, '0'), flags)
}

function magnitudeText(value: number, verb: string, { precision, sharp }: Flags): string {
  switch (verb) {
    case 'e':
    case 'E':
      return cased(exponentText(decimalOf(value, precision ?? 6, 1), precision ?? 6), verb)
    case 'f':
    case 'F':
      return fixedText(fixedDecimal(value, precision ?? 6), precision ?? 6)
    case 'b':
    case 'x':
    case 'X':
      return cased(binaryText(value, verb, precision, sharp), verb)
    default:
      return cased(pointed(generalText(value, precision, sharp), sharp), verb)
  }
}

/** With the flag `#`, a point even where no digit follows. */
function pointed(text: string, sharp: boolean): string {
  return sharp && !text.includes('.') ? text.replace(/^\d+/, '$&.') : text
}

function cased(text: string, verb: string): string {
  return verb === verb.toUpperCase() ? text.toUpperCase() : text
}

function decimalOf(value: number, precision: number, before: number): Decimal {
  return roundDecimal(exactDecimal(value), precision + before)
}

function fixedDecimal(value: number, precision: number): Decimal {
  const exact = exactDecimal(value)
  return roundDecimal(exact, exact.point + precision)
}

/** `%g`: as short as it can be, with an exponent where it is below -4 or as large as the precision. */
function generalText(value: number, precision: number | undefined, keepsZeros: boolean): string {
  const wanted = precision === 0 ? 1 : precision
  const decimal = wanted === undefined ? shortestDecimal(value) : roundDecimal(exactDecimal(value), wanted)
  const count = decimal.digits.replace(/0+$/, '').length
  const exponent = value === 0 ? 0 : decimal.point - 1
  const limit = wanted === undefined ? 6 : wanted > count && count >= decimal.point ? count : wanted
  const shown = keepsZeros ? Math.max(count, wanted ?? 6) : Math.max(count, 1)
  if (exponent < -4 || exponent >= limit) return exponentText(decimal, shown - 1)
  return fixedText(decimal, Math.max(0, shown - exponent - 1))
}

function exponentText({ digits, point }: Decimal, precision: number): string {
  const filled = digits.padEnd(precision + 1, '0').slice(0, precision + 1)
  const exponent = digits === '' ? 0 : point - 1
  const fraction = precision > 0 ? `.${filled.slice(1)}` : ''
  return `${filled[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function fixedText({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const fraction = (point < 0 ? '0'.repeat(Math.min(-point, precision)) : '') + digits.slice(Math.max(point, 0))
  return precision > 0 ? `${whole}.${fraction.padEnd(precision, '0').slice(0, precision)}` : whole
}

/** `%b` is MANTISSAp±EXPONENT; `%x` 0x1.FRACTIONp±EXPONENT. */
function binaryText(value: number, verb: string, precision: number | undefined, sharp: boolean): string {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const biased = Number((raw >> 52n) & 0x7ffn)
  const fraction = raw & ((1n << 52n) - 1n)
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n)
  const exponent = Math.max(biased, 1) - 1075
  const signed = (power: number, digits: number): string => `p${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(digits, '0')}`
  return verb === 'b' ? mantissa + signed(exponent, 1) : hexText(mantissa, exponent, { precision, sharp }, signed)
}

function hexText(
  mantissa: bigint,
  exponent: number,
  { precision, sharp }: Pick<Flags, 'precision' | 'sharp'>,
  signed: (power: number, digits: number) => string,
): string {
  if (mantissa === 0n) return `0x0${precision === undefined || precision === 0 ? '' : `.${'0'.repeat(precision)}`}p+00`
  const length = mantissa.toString(2).length
  let power = exponent + length - 1
  let scaled = mantissa << BigInt(53 - length)
  if (precision !== undefined && precision < 13) {
    const dropped = BigInt(52 - 4 * precision)
    const half = 1n << (dropped - 1n)
    const rest = scaled & ((1n << dropped) - 1n)
    scaled >>= dropped
    if (rest > half || (rest === half && scaled % 2n === 1n)) scaled += 1n
    scaled <<= dropped
    if (scaled >> 53n === 1n) {
      scaled >>= 1n
      power++
    }
  }
  const all = (scaled & ((1n << 52n) - 1n)).toString(16).padStart(13, '0')
  const digits =
    precision === undefined ? all.replace(/0+$/, '').padEnd(sharp ? 4 : 0, '0') : all.padEnd(precision, '0').slice(0, precision)
  return `0x1${digits === '' ? '' : `.${digits}`}${signed(power, 2)}`
}
