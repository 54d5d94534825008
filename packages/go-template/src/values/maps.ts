import { kindOf } from './types.ts'

/** A map's keys and values in the order in which Go shows them: numbers by size, texts by code points, false before true. */
export function sortedEntries(map: object): readonly (readonly [unknown, unknown])[] {
  if (!(map instanceof Map)) {
    return Object.keys(map)
      .toSorted(compareKeys)
      .map((key) => [key, (map as Readonly<Record<string, unknown>>)[key]])
  }
  return [...(map as ReadonlyMap<unknown, unknown>)].toSorted(([a], [b]) => compareKeys(a, b))
}

/** The value of a key; undefined when it isn't there. */
export function mapGet(map: object, key: unknown): unknown {
  if (map instanceof Map) return mapValue(map as ReadonlyMap<unknown, unknown>, key)
  if (typeof key !== 'string' || !Object.hasOwn(map, key)) return undefined
  return (map as Readonly<Record<string, unknown>>)[key] ?? null
}

/** How many keys a map has. */
export function mapSize(map: object): number {
  return map instanceof Map ? map.size : Object.keys(map).length
}

function mapValue(map: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  return map.has(key) ? (map.get(key) ?? null) : undefined
}

function compareKeys(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  const [kindA, kindB] = [kindOf(a), kindOf(b)]
  if (kindA !== kindB) return kindA < kindB ? -1 : 1
  return compareValues(a, b)
}

/** What has no order of its own stays as it is. */
function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'object' || typeof b === 'object' || typeof a === 'symbol') return 0
  const [x, y] = [a as number, b as number]
  return x < y ? -1 : Number(x > y)
}

/** By code points, as Go, which compares UTF-8; JavaScript compares UTF-16 units, which differs beyond U+FFFF. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (x !== y) return orderOf(x) - orderOf(y)
  }
  return a.length - b.length
}

/** Surrogates stand for what comes after every other unit. */
function orderOf(unit: number): number {
  return unit >= 0xd8_00 && unit <= 0xdf_ff ? unit + 0x1_00_00 : unit
}
