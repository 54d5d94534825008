import * as z from 'zod/mini'
import { CdiError } from '../errors.ts'
import type { Schema } from './schema.ts'

/** Stops at the first mistake. */
const context: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true, reportInput: true }

/** What a value of another type should have been, by the type that zod expected. */
const expectations: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  map: 'an object',
  object: 'an object',
  string: 'a text',
}

/** @throws CdiError `ERR_CDI_SPEC_INVALID` for the first mistake, with its place */
export function parseWithSchema<T>(schema: Schema<T>, value: unknown): T {
  const result = z.safeParse(schema, value, context)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const place = pathOf(issue.path)
  const path = issue.code === 'unrecognized_keys' ? pathOf([...issue.path, issue.keys[0] ?? '']) : place
  throw new CdiError('ERR_CDI_SPEC_INVALID', `${path === '' ? 'the spec' : path} ${reasonOf(issue)}`, { details: { path } })
}

/** `devices[2].name` */
function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}

function reasonOf(issue: z.core.$ZodIssue): string {
  const { input } = issue
  if (issue.code === 'unrecognized_keys') return 'is not a field that the specification has'
  if (input === undefined) return 'is missing'
  if (issue.code === 'invalid_type') return `is ${nameOf(input)}, not ${expectations[issue.expected] ?? issue.expected}`
  const expected =
    issue.code === 'invalid_value'
      ? issue.values
          .map((value) => String(value))
          .join(', ')
          .replace(/, ([^,]*)$/, ' or $1')
      : issue.message
  return `is ${JSON.stringify(input)?.slice(0, 80)}, not ${expected}`
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
