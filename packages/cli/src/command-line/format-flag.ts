import { CliError } from '../errors.ts'

/** `--format` of commands that print a table or facts. */
export const formatFlag = {
  kind: 'text',
  value: 'json|table',
  description: 'How to print: table or json',
} as const

/** As `formatFlag`, for commands whose short form docker and podman have. */
export const shortFormatFlag = {
  kind: 'text',
  short: 'f',
  value: 'json|table',
  description: 'How to print: table or json',
} as const

/** `json`: one document; `lines`: an object a line, as docker's `{{json .}}`. */
export type OutputFormat = 'table' | 'json' | 'lines'

/**
 * How to print, read from `--format`.
 *
 * @throws CliError `ERR_CLI_NOT_SUPPORTED` for a Go template, `ERR_CLI_FLAG_VALUE`
 */
export function parseFormat(text: string | undefined): OutputFormat {
  if (text === undefined || text === '' || text === 'table') return 'table'
  if (text === 'json') return 'json'
  if (/^\{\{\s*json\s+\.\s*\}\}$/.test(text)) return 'lines'
  if (text.includes('{{')) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot print with --format "${text}": podwright does not have Go templates yet`, {
      hint: 'Use --format json, and jq to pick from it.',
      details: { format: text },
    })
  }
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --format: it is json or table`, { details: { format: text } })
}
