import { type Digest, parseDigest } from '../digest.ts'
import { OciError } from '../errors.ts'

/** Reads a value of JSON as a `T`, or throws; `path` says where it stands in the document. */
export type Decode<T> = (value: unknown, path: string) => T

/** One key of an object. */
interface Field<T> {
  readonly decode: Decode<T>
  /** What null and absence give; without it they are an error, unless `optional`. */
  readonly fallback?: T
  readonly optional: boolean
}

/** A key that must be there. With a fallback, null and absence (as Go writes an empty slice) give that. */
export function required<T>(decode: Decode<T>, fallback?: T): Field<T> {
  return fallback === undefined ? { decode, optional: false } : { decode, fallback, optional: false }
}

/** A key that may be absent or null, which are the same: the result has it not. */
export function optional<T>(decode: Decode<T>): Field<T | undefined> {
  return { decode, optional: true }
}

/** Reads an object's known keys and drops the others. The shape must name every key of `T`. */
export function object<T extends object>(shape: { readonly [Key in keyof T]-?: Field<T[Key]> }): Decode<T> {
  const fields = Object.entries(shape) as [string, Field<unknown>][]
  return (value, path) => {
    const source = objectOf(value, path)
    const result: Record<string, unknown> = {}
    for (const [key, field] of fields) {
      const at = path === '' ? key : `${path}.${key}`
      const found = Object.hasOwn(source, key) ? (source[key] ?? undefined) : undefined
      if (found !== undefined) result[key] = field.decode(found, at)
      else if ('fallback' in field) result[key] = field.fallback
      else if (!field.optional) throw mistake(at, 'is missing')
    }
    return result as T
  }
}

/** Reads an object as a map; a key whose value is null has `zero`, as Go reads it. */
export function record<T>(decode: Decode<T>, zero: T): Decode<Record<string, T>> {
  return (value, path) =>
    // Not by assignment: that would take `__proto__` for something else than a key.
    Object.fromEntries(
      Object.entries(objectOf(value, path)).map(([key, item]) => [key, item === null ? zero : decode(item, `${path}.${key}`)]),
    )
}

/** Reads an array. */
export function array<T>(decode: Decode<T>): Decode<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw mistake(path, `is ${nameOf(value)}, not an array`)
    return value.map((item: unknown, index) => decode(item, `${path}[${index}]`))
  }
}

export const string: Decode<string> = (value, path) => {
  if (typeof value !== 'string') throw mistake(path, `is ${nameOf(value)}, not a string`)
  return value
}

export const boolean: Decode<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw mistake(path, `is ${nameOf(value)}, not true or false`)
  return value
}

/** A number that JavaScript can hold exactly, or a duration in nanoseconds that it nearly can. */
export const number: Decode<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw mistake(path, `is ${nameOf(value)}, not a number`)
  return value
}

/** A size in bytes. */
export const size: Decode<number> = (value, path) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw mistake(path, `is ${shown(value)}, not a number of bytes`)
  return value as number
}

export const digest: Decode<Digest> = (value, path) => {
  try {
    return parseDigest(string(value, path))
  } catch (error) {
    if (!(error instanceof OciError) || error.code === 'ERR_DOCUMENT_INVALID') throw error
    throw new OciError(error.code, `${path}: ${error.message}`, { cause: error, ...(error.hint !== undefined && { hint: error.hint }) })
  }
}

/** Any object, its content unseen. */
export const anyObject: Decode<object> = (value, path) => objectOf(value, path)

/** Exactly this value. */
export function literal<const T extends string | number>(expected: T): Decode<T> {
  return (value, path) => {
    if (value !== expected) throw mistake(path, `is ${shown(value)}, not ${JSON.stringify(expected)}`)
    return expected
  }
}

export function objectOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mistake(path, `is ${nameOf(value)}, not an object`)
  return value as Readonly<Record<string, unknown>>
}

function mistake(path: string, what: string): OciError {
  return new OciError('ERR_DOCUMENT_INVALID', `${path === '' ? 'the document' : path} ${what}`, { details: { path } })
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'missing'
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 80)
}
