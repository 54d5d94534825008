import { GoTemplateError } from '../errors.ts'
import { type ErrorSubject, nodeText } from '../syntax/node-text.ts'

/** Characters of a node that an error shows. */
const shown = 20

/** What an error says of where it came up. */
export interface Location {
  /** The text that was parsed. */
  readonly text: string
  /** The name under which it was parsed. */
  readonly name: string
  /** The template within it that is executed. */
  readonly executing: string
  readonly at: ErrorSubject | undefined
}

/** An error of execution, in Go's words: `template: NAME:LINE:COLUMN: executing "NAME" at <.Foo>: …`. Columns count bytes from 0. */
export function executionError(
  location: Location,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): GoTemplateError {
  const { line, column } = positionOf(location)
  const context = location.at === undefined ? '' : ` at <${abbreviate(nodeText(location.at))}>`
  const text = `template: ${location.name}:${line}:${column}: executing ${JSON.stringify(location.executing)}${context}: ${message}`
  return new GoTemplateError('ERR_TEMPLATE_EXECUTION', text, { details: { ...details, line, column, reason: message }, cause })
}

function positionOf({ text, at }: Location): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at?.position ?? 0)
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: new TextEncoder().encode(before.slice(start)).length }
}

function abbreviate(text: string): string {
  const characters = Array.from(text)
  return characters.length > shown ? `${characters.slice(0, shown).join('')}...` : text
}
