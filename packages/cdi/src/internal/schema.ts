import * as z from 'zod/mini'

/** A schema whose output is a `T`. */
export type Schema<T> = z.ZodMiniType<T>

/** An object with these keys and no other; null is absence, as Go reads it. The shape must name every key of `T`. */
export function object<T extends object>(shape: { readonly [Key in keyof T]-?: Schema<T[Key]> }): Schema<T> {
  return z.pipe(z.transform(withoutNulls), z.strictObject(shape as z.core.$ZodShape)) as unknown as Schema<T>
}

/** A text. A number or a truth value is taken for one, as `name: 0` in YAML. */
export function text(isRight: (value: string) => boolean = () => true, expected = 'a text'): Schema<string> {
  return z.pipe(
    z.transform((value: unknown): unknown => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value)),
    z.string().check(z.refine(isRight, { error: expected, abort: true })),
  )
}

/** A whole number. */
export function whole(minimum: number, maximum: number, expected: string): Schema<number> {
  return z.custom<number>((value): boolean => Number.isInteger(value) && value >= minimum && value <= maximum, {
    error: expected,
    abort: true,
  })
}

/** Texts by name. Not z.record, which drops a key called `__proto__`. */
export function texts(): Schema<Record<string, string>> {
  return z.pipe(
    z.pipe(z.transform(mapOf), z.map(z.string(), text())),
    z.transform((entries): Record<string, string> => Object.fromEntries(entries)),
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
