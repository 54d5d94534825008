import { Budget, type TemplateLimits } from './execute/limits.ts'
import { execute } from './execute/execute.ts'
import type { MissingKey } from './execute/evaluator.ts'
import { type Arity, builtinArities, builtinFunctions, type TemplateFunction, type TemplateFunctions } from './functions/functions.ts'
import { parse } from './syntax/parse.ts'

/** A template that has been read. It holds no state: it may be executed many times. */
export interface Template {
  /** @throws GoTemplateError `ERR_TEMPLATE_EXECUTION`, `ERR_TEMPLATE_LIMIT` */
  execute(data: unknown): string
  /** The same with other functions under names that were known when it was read. */
  withFunctions(functions: TemplateFunctions): Template
}

/** Options of `parseTemplate`. */
export interface ParseTemplateOptions extends TemplateLimits {
  /** What errors call the template. @default '' */
  readonly name?: string
  /** What it may call besides Go's own functions; one of the same name takes its place. @default none */
  readonly functions?: TemplateFunctions
  /** What a map is taken to have under a key that isn't there: `<no value>`, its zero value, or an error. @default 'default' */
  readonly missingKey?: MissingKey
}

/**
 * Reads a template of Go's text/template.
 *
 * @throws GoTemplateError `ERR_TEMPLATE_SYNTAX`, `ERR_TEMPLATE_LIMIT`
 */
export function parseTemplate(text: string, options: ParseTemplateOptions = {}): Template {
  const { name = '', functions = {}, missingKey = 'default' } = options
  const known = new Map<string, TemplateFunction>(Object.entries({ ...builtinFunctions, ...functions }))
  const templates = parse(text, { name, functions: new Set([...known.keys(), ...Object.keys(builtinArities)]) })
  const arities: Readonly<Record<string, Arity>> = Object.fromEntries(
    Object.entries(builtinArities).filter(([key]) => !Object.hasOwn(functions, key)),
  )
  const make = (called: ReadonlyMap<string, TemplateFunction>): Template => ({
    execute: (data) =>
      execute(templates, { name, text, functions: called, arities, missingKey, budget: new Budget(options) }, data ?? undefined),
    withFunctions: (others) => make(new Map([...called, ...Object.entries(others)])),
  })
  return make(known)
}
