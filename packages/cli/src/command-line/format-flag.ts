import { CliError } from '../errors.ts'

/**
 * `--format` of commands that print a list or facts. What it asks for is done by `printList` (a list with columns) or `printDocuments` (what is
 * `inspect`ed): hand them the flag's value as it is.
 */
export const formatFlag = {
  kind: 'text',
  value: 'json|TEMPLATE',
  description: 'How to print: table, json, or a Go template',
  examples: ['json', 'table'],
} as const

/** As `formatFlag`, for commands whose short form docker and podman have. */
export const shortFormatFlag = {
  kind: 'text',
  short: 'f',
  value: 'json|TEMPLATE',
  description: 'How to print: json, or a Go template',
  examples: ['json', 'table'],
} as const

/** `json`: one document; `lines`: an object a line, as docker's `{{json .}}`; a template of Go's otherwise. */
export type ChosenFormat = 'table' | 'json' | 'lines' | { readonly template: string }

/** What of a format needs no template. */
export type OutputFormat = Exclude<ChosenFormat, object>

/**
 * How to print, read from `--format`. The template itself is not looked at yet.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function readFormat(text: string | undefined): ChosenFormat {
  if (text === undefined || text === '' || text === 'table') return 'table'
  if (text === 'json') return 'json'
  if (/^\{\{\s*json\s+\.\s*\}\}$/.test(text)) return 'lines'
  if (text.includes('{{')) return { template: text }
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --format: it is json, table or a Go template`, {
    hint: "A template has braces: --format '{{.ID}}'",
    details: { format: text },
  })
}

/**
 * As `readFormat`, for what has no template.
 *
 * @throws CliError `ERR_CLI_NOT_SUPPORTED` for a template, `ERR_CLI_FLAG_VALUE`
 */
export function parseFormat(text: string | undefined): OutputFormat {
  const format = readFormat(text)
  if (typeof format !== 'object') return format
  throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot print with --format "${format.template}": this command has no templates yet`, {
    hint: 'Use --format json, and jq to pick from it.',
    details: { format: format.template },
  })
}
