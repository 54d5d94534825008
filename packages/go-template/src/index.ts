/**
 * Go's text/template for JavaScript values: parse, execute, and the functions that docker and podman add.
 *
 * @packageDocumentation
 */
export { GoTemplateError, type GoTemplateErrorCode, goTemplateErrorCodes } from './errors.ts'
export type { MissingKey } from './execute/evaluator.ts'
export type { TemplateLimits } from './execute/limits.ts'
export { sprint, sprintf, sprintln } from './format/printf.ts'
export { containerFunctions } from './functions/container-functions.ts'
export type { TemplateFunction, TemplateFunctions } from './functions/functions.ts'
export { type AlignOptions, alignTabs } from './list/align.ts'
export { type ListFormat, parseListFormat, type RenderListOptions, unescapeFormat } from './list/list-format.ts'
export { type ParseTemplateOptions, parseTemplate, type Template } from './template.ts'
export { GoDuration, GoFloat } from './values/numbers.ts'
export { goFieldAlias, goTypeName, goZeroValue } from './values/types.ts'
