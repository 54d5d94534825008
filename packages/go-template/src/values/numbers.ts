/**
 * A float64 of Go. JavaScript has one kind of number: a whole one is an int in a template, any other a float. This is a float whatever its value, so that
 * `printf "%.2f"` takes it.
 */
export class GoFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A time.Duration of Go, printed as `1h30m0s`. */
export class GoDuration {
  readonly nanoseconds: bigint

  /** @param nanoseconds whole ones; a fraction is dropped */
  constructor(nanoseconds: number | bigint) {
    this.nanoseconds = typeof nanoseconds === 'bigint' ? nanoseconds : BigInt(Math.trunc(nanoseconds))
  }

  String(): string {
    return durationText(this.nanoseconds)
  }
}

const units: readonly (readonly [string, bigint])[] = [
  ['ns', 1n],
  ['µs', 1000n],
  ['ms', 1_000_000n],
]

function durationText(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${durationText(-nanoseconds)}`
  if (nanoseconds === 0n) return '0s'
  const small = nanoseconds < 1_000_000_000n ? units.findLast(([, size]) => nanoseconds >= size) : undefined
  if (small !== undefined) return fraction(nanoseconds, small[1]) + small[0]
  const minutes = nanoseconds / 60_000_000_000n
  const seconds = `${fraction(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`
  if (minutes === 0n) return seconds
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`
}

function fraction(amount: bigint, unit: bigint): string {
  const rest = (amount % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '')
  return `${amount / unit}${rest === '' || unit === 1n ? '' : `.${rest}`}`
}
