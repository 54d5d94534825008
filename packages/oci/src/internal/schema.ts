import * as z from 'zod/mini'
import { type Digest, parseDigest } from '../digest.ts'

/** A schema whose output is a `T`. */
export type Schema<T> = z.ZodMiniType<T>

/** Keeps a schema that is made when it is first needed: to import a module is no work. */
export function lazily<T>(make: () => Schema<T>): () => Schema<T> {
  let schema: Schema<T> | undefined
  return () => (schema ??= make())
}

/** An object's known keys; others are dropped, and null is absence, as Go reads it. The shape must name every key of `T`. */
export function object<T extends object>(shape: { readonly [Key in keyof T]-?: Schema<T[Key]> }): Schema<T> {
  return z.pipe(z.transform(withoutNulls), z.object(shape as z.core.$ZodShape)) as unknown as Schema<T>
}

/** An object as a map; a key whose value is null has `zero`, as Go reads it. Not z.record, which drops a key called `__proto__`. */
export function map<T>(item: Schema<T>, zero: T): Schema<Record<string, T>> {
  const withZero = z.pipe(
    z.transform((value: unknown): unknown => value ?? zero),
    item,
  )
  return z.pipe(
    z.pipe(z.transform(mapOf), z.map(z.string(), withZero)),
    z.transform((entries): Record<string, T> => Object.fromEntries(entries)),
  )
}

/** Any object, its content unseen. */
export function anyObject(): Schema<Readonly<Record<string, unknown>>> {
  return z.looseObject({})
}

/** A size in bytes. */
export function size(): Schema<number> {
  return z.custom<number>((value) => Number.isSafeInteger(value) && value >= 0, { error: 'a number of bytes', abort: true })
}

/** A digest; what `parseDigest` throws is the issue's `params.cause`. */
export function digest(): Schema<Digest> {
  return z.pipe(
    z.string(),
    z.transform((text, { issues }): Digest => {
      try {
        return parseDigest(text)
      } catch (cause) {
        issues.push({ code: 'custom', input: text, params: { cause } })
        return z.NEVER
      }
    }),
  )
}

function mapOf(value: unknown): unknown {
  return isObject(value) ? new Map(Object.entries(value)) : value
}

function withoutNulls(value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null)) : value
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
