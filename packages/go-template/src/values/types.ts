import { GoDuration, GoFloat } from './numbers.ts'

/** On an object: it is a struct of Go, of this type name. */
export const goTypeName: unique symbol = Symbol.for('podwright.go-template.type-name') as never

/** On a struct: a function from a name that is none of its fields to the field that is meant, if one is. */
export const goFieldAlias: unique symbol = Symbol.for('podwright.go-template.field-alias') as never

/** On a map: what `index` finds for a key that isn't there, in place of nil. An empty string makes it a `map[string]string`. */
export const goZeroValue: unique symbol = Symbol.for('podwright.go-template.zero-value') as never

/** What a value is to Go. `missing` is the reflect.Value that there is none of; `nil` an empty interface. */
export type Kind =
  | 'missing'
  | 'nil'
  | 'bool'
  | 'int'
  | 'float'
  | 'string'
  | 'bytes'
  | 'slice'
  | 'map'
  | 'struct'
  | 'time'
  | 'duration'
  | 'func'

/** The kind of a JavaScript value. */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'undefined':
      return 'missing'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'int' : 'float'
    case 'bigint':
      return 'int'
    case 'string':
    case 'symbol':
      return 'string'
    case 'function':
      return 'func'
    case 'object':
      return value === null ? 'nil' : kindOfObject(value)
  }
}

function kindOfObject(value: object): Kind {
  if (Array.isArray(value)) return 'slice'
  if (value instanceof Map) return 'map'
  if (value instanceof Date) return 'time'
  if (value instanceof GoFloat) return 'float'
  if (value instanceof GoDuration) return 'duration'
  if (value instanceof Uint8Array) return 'bytes'
  return isStruct(value) ? 'struct' : 'map'
}

/** An instance of a class, or what says so. */
function isStruct(value: object): boolean {
  if (goTypeName in value) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== Object.prototype && prototype !== null
}

/** The name of a value's type in Go. Values of JSON are of the types that Go's own decoder makes, but for whole numbers: those are ints. */
export function typeNameOf(value: unknown): string {
  switch (kindOf(value)) {
    case 'missing':
    case 'nil':
      return '<nil>'
    case 'bool':
      return 'bool'
    case 'int':
      return 'int'
    case 'float':
      return 'float64'
    case 'string':
      return 'string'
    case 'bytes':
      return '[]uint8'
    case 'slice':
      return '[]interface {}'
    case 'map':
      return zeroOf(value) === '' ? 'map[string]string' : 'map[string]interface {}'
    case 'struct':
      return structName(value as object)
    case 'time':
      return 'time.Time'
    case 'duration':
      return 'time.Duration'
    case 'func':
      return 'func()'
  }
}

function structName(value: object): string {
  const named = (value as { readonly [goTypeName]?: string })[goTypeName]
  return named ?? (value.constructor?.name || 'struct')
}

/** What `index` finds for a key that isn't there. */
export function zeroOf(map: unknown): unknown {
  return (map as { readonly [goZeroValue]?: unknown })[goZeroValue] ?? null
}

/** Whether `if` takes the value for true: neither empty nor zero. A struct is always true. */
export function isTrue(value: unknown): boolean {
  switch (kindOf(value)) {
    case 'missing':
    case 'nil':
      return false
    case 'bool':
      return value === true
    case 'int':
      return BigInt(value as number | bigint) !== 0n
    case 'float':
      return floatOf(value) !== 0
    case 'string':
      return String(value) !== ''
    case 'bytes':
    case 'slice':
      return (value as { readonly length: number }).length > 0
    case 'map':
      return isFilled(value as object)
    case 'duration':
      return (value as GoDuration).nanoseconds !== 0n
    case 'struct':
    case 'time':
    case 'func':
      return true
  }
}

/** The number of a float. */
export function floatOf(value: unknown): number {
  return value instanceof GoFloat ? value.value : Number(value)
}

function isFilled(map: object): boolean {
  return map instanceof Map ? map.size > 0 : Object.keys(map).length > 0
}
