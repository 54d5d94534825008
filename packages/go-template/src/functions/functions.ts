import { sprint, sprintf, sprintln } from '../format/printf.ts'
import { isTrue, typeNameOf } from '../values/types.ts'
import { equal, greater, greaterOrEqual, less, lessOrEqual, notEqual } from './compare.ts'
import { html, js, urlquery } from './escape.ts'
import { index, length, slice } from './indexing.ts'

/**
 * A function that templates call. What it throws becomes the template's error. The arguments are JavaScript's: `undefined` for what isn't there, `null` for
 * nil, a `GoFloat` for a literal such as 1.0.
 */
export type TemplateFunction = (...values: never[]) => unknown

/** Functions by the names under which templates call them. */
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>

/** How many arguments a function of Go's takes, where JavaScript can't tell. */
export interface Arity {
  readonly minimum: number
  readonly maximum: number
}

/** What every template may call. `and`, `or` and `call` are the executor's own: they decide what is evaluated. */
export const builtinFunctions: TemplateFunctions = {
  eq: equal,
  ge: greaterOrEqual,
  gt: greater,
  html,
  index,
  js,
  le: lessOrEqual,
  len: length,
  lt: less,
  ne: notEqual,
  not: (value: unknown) => !isTrue(value),
  print: (...values: readonly unknown[]) => sprint(values),
  printf: (format: unknown, ...values: readonly unknown[]) => sprintf(textArgument(format), values),
  println: (...values: readonly unknown[]) => sprintln(values),
  slice,
  urlquery,
}

const many = Number.POSITIVE_INFINITY

/** The numbers of arguments of what every template may call. */
export const builtinArities: Readonly<Record<string, Arity>> = {
  and: { minimum: 1, maximum: many },
  call: { minimum: 1, maximum: many },
  eq: { minimum: 1, maximum: many },
  ge: { minimum: 2, maximum: 2 },
  gt: { minimum: 2, maximum: 2 },
  index: { minimum: 1, maximum: many },
  le: { minimum: 2, maximum: 2 },
  len: { minimum: 1, maximum: 1 },
  lt: { minimum: 2, maximum: 2 },
  ne: { minimum: 2, maximum: 2 },
  not: { minimum: 1, maximum: 1 },
  or: { minimum: 1, maximum: many },
  printf: { minimum: 1, maximum: many },
  slice: { minimum: 1, maximum: many },
}

function textArgument(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error(`wrong type for value; expected string; got ${typeNameOf(value)}`)
}
