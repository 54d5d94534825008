import { GoTemplateError } from '../errors.ts'
import { fieldNames, findField } from '../values/fields.ts'
import { mapSize, sortedEntries } from '../values/maps.ts'
import type { GoDuration } from '../values/numbers.ts'
import { floatOf, kindOf, typeNameOf } from '../values/types.ts'
import { type Flags, noFlags, pad } from './flags.ts'
import { formatFloat } from './floats.ts'
import { formatInteger } from './integers.ts'
import { formatString, hexBytes } from './strings.ts'
import { timeText } from './times.ts'

/** Values within values; deeper ones go in a circle. */
const deepest = 100

/** A value as `%v` prints it. */
export function textOf(value: unknown): string {
  return formatValue(value, 'v', noFlags())
}

/**
 * A value as a verb prints it; `%!verb(type=value)` when the verb is not for its type.
 *
 * @throws GoTemplateError `ERR_TEMPLATE_LIMIT` for a value that contains itself
 */
export function formatValue(value: unknown, verb: string, flags: Flags, depth = 0): string {
  if (depth > deepest) throw new GoTemplateError('ERR_TEMPLATE_LIMIT', `cannot print a value that lies more than ${deepest} deep in others`)
  if (verb === 'T') return formatString(typeNameOf(value), 's', flags) ?? ''
  const text = stringerText(value, verb, flags)
  if (text !== undefined) return formatString(text, verb, flags) ?? ''
  const kind = kindOf(value)
  switch (kind) {
    case 'missing':
    case 'nil':
      return formatNil(verb, flags, depth)
    case 'bool':
      return (verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined) ?? badVerb(value, verb, flags, depth)
    case 'int':
      return formatInteger(BigInt(value as number | bigint), verb, flags) ?? badVerb(value, verb, flags, depth)
    case 'float':
      return formatFloat(floatOf(value), verb, flags) ?? badVerb(value, verb, flags, depth)
    case 'string':
      return formatString(String(value), verb, flags) ?? badVerb(value, verb, flags, depth)
    case 'bytes':
      return formatBytes(value as Uint8Array, verb, flags, depth)
    case 'slice':
      return formatSlice(value as readonly unknown[], verb, flags, depth)
    case 'map':
      return formatMap(value as object, verb, flags, depth)
    case 'struct':
      return formatStruct(value as object, verb, flags, depth)
    case 'duration':
      return formatInteger((value as GoDuration).nanoseconds, verb, flags) ?? badVerb(value, verb, flags, depth)
    case 'time':
    case 'func':
      return badVerb(value, verb, flags, depth)
  }
}

/** The text of what prints itself: times, durations, and objects with a method `String`. */
export function stringerOf(value: unknown): (() => string) | undefined {
  if (value instanceof Date) return () => timeText(value)
  if (typeof value !== 'object' || value === null) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null || prototype === Array.prototype) return undefined
  const { String: method } = value as { readonly String?: unknown }
  return typeof method === 'function' ? () => String(method.call(value)) : undefined
}

function stringerText(value: unknown, verb: string, flags: Flags): string | undefined {
  return /^[vsxXq]$/.test(verb) && !isSyntax(verb, flags) ? stringerOf(value)?.() : undefined
}

/** Within others, nil is nil whatever the verb. */
function formatNil(verb: string, flags: Flags, depth: number): string {
  if (depth > 0) return isSyntax(verb, flags) ? 'interface {}(nil)' : '<nil>'
  return verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`
}

function badVerb(value: unknown, verb: string, flags: Flags, depth: number): string {
  const shown = kindOf(value) === 'func' ? 'func' : formatValue(value, 'v', flags, depth + 1)
  return `%!${verb}(${typeNameOf(value)}=${shown})`
}

function formatBytes(bytes: Uint8Array, verb: string, flags: Flags, depth: number): string {
  if (verb === 'x' || verb === 'X') return pad(hexBytes(bytes, verb, flags), flags)
  if (verb === 's' || verb === 'q') return formatString(new TextDecoder().decode(bytes), verb, flags) ?? ''
  if (isSyntax(verb, flags)) return `[]byte{${[...bytes].map((byte) => `0x${byte.toString(16)}`).join(', ')}}`
  return `[${[...bytes].map((byte) => formatValue(byte, verb, flags, depth + 1).replace('(int=', '(uint8=')).join(' ')}]`
}

function formatSlice(items: readonly unknown[], verb: string, flags: Flags, depth: number): string {
  const shown = items.map((item) => formatValue(item ?? null, verb, flags, depth + 1))
  return isSyntax(verb, flags) ? `${typeNameOf(items)}{${shown.join(', ')}}` : `[${shown.join(' ')}]`
}

function formatMap(map: object, verb: string, flags: Flags, depth: number): string {
  const shown = sortedEntries(map).map(
    ([key, value]) => `${formatValue(key, verb, flags, depth + 1)}:${formatValue(value ?? null, verb, flags, depth + 1)}`,
  )
  if (!isSyntax(verb, flags)) return `map[${shown.join(' ')}]`
  return mapSize(map) === 0 ? `${typeNameOf(map)}{}` : `${typeNameOf(map)}{${shown.join(', ')}}`
}

function formatStruct(struct: object, verb: string, flags: Flags, depth: number): string {
  const syntax = isSyntax(verb, flags)
  const named = syntax || (verb === 'v' && flags.named)
  const shown = fieldNames(struct).map((name) => {
    const value = formatValue(findField(struct, name)?.value, verb, flags, depth + 1)
    return named ? `${name}:${value}` : value
  })
  return syntax ? `${typeNameOf(struct)}{${shown.join(', ')}}` : `{${shown.join(' ')}}`
}

function isSyntax(verb: string, { syntax }: Flags): boolean {
  return verb === 'v' && syntax
}
