/** A positive number in decimal: 0.DIGITS times ten to the power of `point`. Zero has no digits. */
export interface Decimal {
  readonly digits: string
  readonly point: number
}

/** The fewest digits that mean this very number. */
export function shortestDecimal(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }
}

/** All digits of a number, which is a multiple of a power of two. */
export function exactDecimal(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const biased = Number((raw >> 52n) & 0x7ffn)
  const fraction = raw & ((1n << 52n) - 1n)
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n)
  const exponent = Math.max(biased, 1) - 1075
  const all = exponent >= 0 ? (mantissa << BigInt(exponent)).toString() : (mantissa * 5n ** BigInt(-exponent)).toString()
  return { digits: all.replace(/0+$/, ''), point: all.length + Math.min(0, exponent) }
}

/** The first `count` digits, rounded to the nearest, and half to even: JavaScript rounds half up. */
export function roundDecimal({ digits, point }: Decimal, count: number): Decimal {
  if (count < 0) return { digits: '', point: 0 }
  if (digits.length <= count) return { digits, point }
  const kept = digits.slice(0, count)
  if (!roundsUp(digits, count)) return { digits: kept, point }
  const raised = (BigInt(kept || '0') + 1n).toString().padStart(count, '0')
  return raised.length > count ? { digits: raised.slice(0, Math.max(1, count)), point: point + 1 } : { digits: raised, point }
}

function roundsUp(digits: string, count: number): boolean {
  const next = digits.charCodeAt(count) - 48
  if (next !== 5) return next > 5
  if (digits.length > count + 1) return true
  return count > 0 && (digits.charCodeAt(count - 1) - 48) % 2 === 1
}
