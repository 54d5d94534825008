import { mapGet, mapSize } from '../values/maps.ts'
import { kindOf, typeNameOf, zeroOf } from '../values/types.ts'

/** `index X 1 "a"`: X[1]["a"]. What a map has no key for is its zero value. */
export function index(item: unknown, ...keys: readonly unknown[]): unknown {
  if (item === undefined || item === null) throw new Error('index of untyped nil')
  return keys.reduce(indexOne, item)
}

/** `slice X 1 2`: X[1:2]. */
export function slice(item: unknown, ...bounds: readonly unknown[]): unknown {
  const kind = kindOf(item)
  if (kind === 'missing' || kind === 'nil') throw new Error('slice of untyped nil')
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`)
  if (kind === 'string' && bounds.length === 3) throw new Error('cannot 3-index slice a string')
  if (kind !== 'string' && kind !== 'slice' && kind !== 'bytes') throw new Error(`can't slice item of type ${typeNameOf(item)}`)
  const whole = kind === 'string' ? new TextEncoder().encode(String(item)) : (item as readonly unknown[] | Uint8Array)
  const [from = 0, to = whole.length] = bounds.map((bound) => position(bound, whole.length, true))
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`)
  const part = whole.slice(from, to)
  return kind === 'string' ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(part as Uint8Array) : part
}

/** `len X`; of a text, in bytes. */
export function length(item: unknown): number {
  switch (kindOf(item)) {
    case 'missing':
    case 'nil':
      throw new Error('len of nil pointer')
    case 'string':
      return new TextEncoder().encode(String(item)).length
    case 'slice':
    case 'bytes':
      return (item as { readonly length: number }).length
    case 'map':
      return mapSize(item as object)
    default:
      throw new Error(`len of type ${typeNameOf(item)}`)
  }
}

function indexOne(item: unknown, key: unknown): unknown {
  switch (kindOf(item)) {
    case 'missing':
    case 'nil':
      throw new Error('index of nil pointer')
    case 'slice':
      return (item as readonly unknown[])[position(key, (item as readonly unknown[]).length)] ?? null
    case 'bytes':
      return (item as Uint8Array)[position(key, (item as Uint8Array).length)]
    case 'string': {
      const bytes = new TextEncoder().encode(String(item))
      return bytes[position(key, bytes.length)]
    }
    case 'map':
      return mapItem(item as object, key)
    default:
      throw new Error(`can't index item of type ${typeNameOf(item)}`)
  }
}

function mapItem(map: object, key: unknown): unknown {
  if (key === undefined || key === null) throw new Error('value is nil; should be of type string')
  if (!(map instanceof Map) && typeof key !== 'string') throw new Error(`value has type ${typeNameOf(key)}; should be string`)
  return mapGet(map, key) ?? zeroOf(map)
}

/** @param inclusive the end itself is a position, too */
function position(key: unknown, size: number, inclusive = false): number {
  if (key === undefined || key === null) throw new Error('cannot index slice/array with nil')
  if (kindOf(key) !== 'int') throw new Error(`cannot index slice/array with type ${typeNameOf(key)}`)
  const at = Number(key)
  if (at < 0 || at > size || (at === size && !inclusive)) throw new Error(`index out of range: ${String(key)}`)
  return at
}
