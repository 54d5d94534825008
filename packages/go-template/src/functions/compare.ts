import { compareTexts } from '../values/maps.ts'
import { floatOf, type Kind, kindOf, typeNameOf } from '../values/types.ts'
import { noFlags } from '../format/flags.ts'
import { formatValue } from '../format/format-value.ts'
import type { GoDuration } from '../values/numbers.ts'

/** Kinds that can be told apart by `eq`; numbers of both kinds, or a number and a text, are an error. */
const comparable: ReadonlySet<Kind> = new Set(['bool', 'int', 'float', 'string', 'duration', 'time'])
const ordered: ReadonlySet<Kind> = new Set(['int', 'float', 'string', 'duration'])

/** `eq A B…`: whether the first equals any of the others. */
export function equal(first: unknown, ...others: readonly unknown[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison')
  if (!isNil(first)) checkComparable(first)
  return others.some((other) => equalPair(first, other))
}

/** `ne A B` */
export function notEqual(a: unknown, b: unknown): boolean {
  return !equal(a, b)
}

/** `lt A B` */
export function less(a: unknown, b: unknown): boolean {
  return order(a, b) < 0
}

/** `le A B` */
export function lessOrEqual(a: unknown, b: unknown): boolean {
  return order(a, b) <= 0
}

/** `gt A B` */
export function greater(a: unknown, b: unknown): boolean {
  return order(a, b) > 0
}

/** `ge A B` */
export function greaterOrEqual(a: unknown, b: unknown): boolean {
  return order(a, b) >= 0
}

function equalPair(a: unknown, b: unknown): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b)
  const [kindA, kindB] = [kindOf(a), kindOf(b)]
  if (kindA !== kindB && (isBasic(kindA) || isBasic(kindB))) throw new Error('incompatible types for comparison')
  checkComparable(b)
  if (kindA !== kindB) return false
  return comparable.has(kindA) ? compare(a, b, kindA) === 0 : a === b
}

function order(a: unknown, b: unknown): number {
  const [kindA, kindB] = [kindOf(a), kindOf(b)]
  if (!ordered.has(kindA) || !ordered.has(kindB)) throw new Error('invalid type for comparison')
  if (kindA !== kindB) throw new Error('incompatible types for comparison')
  return compare(a, b, kindA)
}

/** NaN is neither smaller nor greater nor equal: what it is compared with is told by NaN, which passes no test. */
function compare(a: unknown, b: unknown, kind: Kind): number {
  switch (kind) {
    case 'string':
      return compareTexts(String(a), String(b))
    case 'float':
      return floatOf(a) === floatOf(b) ? 0 : floatOf(a) - floatOf(b)
    case 'duration':
      return sign((a as GoDuration).nanoseconds - (b as GoDuration).nanoseconds)
    case 'int':
      return sign(BigInt(a as number | bigint) - BigInt(b as number | bigint))
    default:
      return Number(a) - Number(b)
  }
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : Number(difference > 0n)
}

function checkComparable(value: unknown): void {
  const kind = kindOf(value)
  if (kind === 'slice' || kind === 'map' || kind === 'bytes' || kind === 'func') {
    throw new Error(`non-comparable type ${formatValue(value, 's', noFlags())}: ${typeNameOf(value)}`)
  }
}

function isBasic(kind: Kind): boolean {
  return kind === 'bool' || kind === 'int' || kind === 'float' || kind === 'string' || kind === 'duration'
}

function isNil(value: unknown): boolean {
  return value === undefined || value === null
}
