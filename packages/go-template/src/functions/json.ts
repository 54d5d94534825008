import { fieldNames, findField } from '../values/fields.ts'
import { mapSize, sortedEntries } from '../values/maps.ts'
import type { GoDuration } from '../values/numbers.ts'
import { floatOf, kindOf } from '../values/types.ts'
import { textOf } from '../format/format-value.ts'

const deepest = 200

/** `json X`: as Go's encoder writes it, with `<`, `>` and `&` as they are. Maps are sorted by key, structs keep their order; `toJSON` is asked. */
export function json(value: unknown): string {
  return JSON.stringify(plainOf(value, 0)).replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
}

/** What JSON.stringify takes. */
function plainOf(value: unknown, depth: number): unknown {
  if (depth > deepest) throw new Error(`the value lies more than ${deepest} deep in others`)
  const custom = value instanceof Date ? undefined : customOf(value)
  if (custom !== undefined) return plainOf(custom, depth + 1)
  switch (kindOf(value)) {
    case 'missing':
    case 'nil':
      return null
    case 'int':
      return typeof value === 'bigint' ? rawNumber(value) : value
    case 'float':
      return finite(floatOf(value))
    case 'duration':
      return rawNumber((value as GoDuration).nanoseconds)
    case 'bytes':
      return btoa(Array.from(value as Uint8Array, (byte) => String.fromCharCode(byte)).join(''))
    case 'slice':
      return (value as readonly unknown[]).map((item) => plainOf(item, depth + 1))
    case 'map':
      return Object.fromEntries(mapEntries(value as object, depth))
    case 'struct':
      return Object.fromEntries(
        fieldNames(value as object).map((name) => [name, plainOf(findField(value as object, name)?.value, depth + 1)]),
      )
    case 'func':
      throw new Error('json: unsupported type: func()')
    default:
      return value
  }
}

function mapEntries(map: object, depth: number): readonly (readonly [string, unknown])[] {
  return mapSize(map) === 0 ? [] : sortedEntries(map).map(([key, item]) => [textOf(key), plainOf(item, depth + 1)])
}

function customOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const { toJSON } = value as { readonly toJSON?: unknown }
  return typeof toJSON === 'function' ? (toJSON.call(value) ?? null) : undefined
}

/** JavaScript's JSON has no bigint. */
function rawNumber(value: bigint): unknown {
  const raw = JSON as typeof JSON & { readonly rawJSON?: (text: string) => unknown }
  return raw.rawJSON?.(value.toString()) ?? Number(value)
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new Error(`json: unsupported value: ${textOf(value)}`)
}
