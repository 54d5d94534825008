import { PodwrightError, type PodwrightErrorOptions } from '@podwright/conventions'

/** The codes of this package's errors, with their meaning. */
export const goTemplateErrorCodes = {
  ERR_TEMPLATE_SYNTAX: 'The text is no template. `details.line` is the line of it.',
  ERR_TEMPLATE_EXECUTION:
    'The template cannot be executed with this value: a field that is not there, a function that was called in a wrong way. `details` has `line`, `column` and, for a field, `field` and `fields`.',
  ERR_TEMPLATE_LIMIT: 'The template takes more steps, more depth or more output than it is allowed to.',
} as const

/** A code of this package. */
export type GoTemplateErrorCode = keyof typeof goTemplateErrorCodes

/** What is wrong with a template. The message is Go's: `template: NAME:LINE:COLUMN: executing "NAME" at <.Foo>: …`. */
export class GoTemplateError extends PodwrightError<GoTemplateErrorCode> {
  constructor(code: GoTemplateErrorCode, message: string, options: PodwrightErrorOptions = {}) {
    super(code, message, options)
  }
}
