import * as z from 'zod/mini'
import { OciError } from '../errors.ts'
import type { Schema } from './schema.ts'

/** Stops at the first mistake: a document of 4 MiB can have millions of them. */
const context: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true, reportInput: true }

/** What a value of another type should have been, by the type that zod expected. */
const expectations: Readonly<Record<string, string>> = {
  array: 'an array',
  boolean: 'true or false',
  map: 'an object',
  number: 'a number',
  object: 'an object',
  string: 'a string',
}

/** Reads a value of JSON. @throws OciError `ERR_DOCUMENT_INVALID` for its first mistake, or what `parseDigest` throws, with the path in the document */
export function parseWithSchema<T>(schema: Schema<T>, value: unknown): T {
  const result = z.safeParse(schema, value, context)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw mistake(issue!)
}

function mistake(issue: z.core.$ZodIssue): OciError {
  const path = pathOf(issue)
  const cause: unknown = issue.code === 'custom' ? issue.params?.['cause'] : undefined
  if (cause instanceof OciError) {
    return new OciError(cause.code, `${path}: ${cause.message}`, { cause, ...(cause.hint !== undefined && { hint: cause.hint }) })
  }
  return new OciError('ERR_DOCUMENT_INVALID', `${path === '' ? 'the document' : path} ${reasonOf(issue)}`, { details: { path } })
}

/** `layers[2].digest` */
function pathOf({ path }: z.core.$ZodIssue): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}

function reasonOf(issue: z.core.$ZodIssue): string {
  const { input } = issue
  if (input === undefined) return 'is missing'
  if (issue.code === 'invalid_type') return `is ${nameOf(input)}, not ${expectations[issue.expected] ?? issue.expected}`
  const expected = issue.code === 'invalid_value' ? JSON.stringify(issue.values[0]) : issue.message
  return `is ${JSON.stringify(input).slice(0, 80)}, not ${expected}`
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
