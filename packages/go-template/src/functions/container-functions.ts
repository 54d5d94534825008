import { textOf } from '../format/format-value.ts'
import { kindOf, typeNameOf } from '../values/types.ts'
import type { TemplateFunctions } from './functions.ts'
import { json } from './json.ts'

/** Spaces that `pad` adds at most. */
const widestPad = 10_000

/** What docker and podman let templates of `--format` call besides Go's own functions. */
export const containerFunctions: TemplateFunctions = { join, json, lower, pad, split, title, truncate, upper }

/** The same for the row of titles of a table, which no function changes: `{{json .Names}}` stands below NAMES. */
export const titleFunctions: TemplateFunctions = Object.fromEntries(Object.keys(containerFunctions).map((name) => [name, asItIs]))

function asItIs(value: unknown): unknown {
  return value
}

function join(items: unknown, separator: unknown): string {
  if (kindOf(items) !== 'slice') throw wrongType('[]string', items)
  return (items as readonly unknown[]).map((item) => textOf(item)).join(text(separator))
}

function split(value: unknown, separator: unknown): readonly string[] {
  return separator === '' ? Array.from(text(value)) : text(value).split(text(separator))
}

function lower(value: unknown): string {
  return text(value).toLowerCase()
}

function upper(value: unknown): string {
  return text(value).toUpperCase()
}

/** The first letter of each word in upper case. */
function title(value: unknown): string {
  return text(value).replace(/(^|[^\p{L}\p{N}_'’])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase())
}

/** Spaces before and after; nothing stays nothing. */
function pad(value: unknown, before: unknown, after: unknown): string {
  const source = text(value)
  return source === '' ? source : ' '.repeat(count(before)) + source + ' '.repeat(count(after))
}

function truncate(value: unknown, length: unknown): string {
  return Array.from(text(value)).slice(0, count(length)).join('')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw wrongType('string', value)
}

function count(value: unknown): number {
  if (kindOf(value) !== 'int') throw wrongType('int', value)
  return Math.max(0, Math.min(Number(value), widestPad))
}

function wrongType(expected: string, value: unknown): Error {
  return new Error(`wrong type for value; expected ${expected}; got ${typeNameOf(value)}`)
}
