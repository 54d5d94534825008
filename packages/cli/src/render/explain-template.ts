import { isPodwrightError } from '@podwright/conventions'
import { suggest } from '../command-line/suggest.ts'
import { CliError } from '../errors.ts'

/** Names that a hint lists. */
const mostListed = 40

/** The error for a template that can't be read or executed; other errors come back as they are. */
export function explainTemplate(error: unknown, format: string): unknown {
  if (!isPodwrightError(error) || !error.code.startsWith('ERR_TEMPLATE_')) return error
  const { field, fields } = error.details
  const hint = typeof field === 'string' && Array.isArray(fields) ? fieldHint(field, fields.map(String)) : undefined
  return new CliError('ERR_CLI_FORMAT', `cannot print with --format "${format}": ${error.message}`, {
    cause: error,
    details: { ...error.details, format },
    ...(hint !== undefined && { hint }),
  })
}

function fieldHint(field: string, fields: readonly string[]): string | undefined {
  if (fields.length === 0) return undefined
  const sorted = fields.toSorted()
  const [meant] = suggest(
    field.toLowerCase(),
    sorted.map((name) => name.toLowerCase()),
  )
  const name = sorted.find((candidate) => candidate.toLowerCase() === meant)
  const listed = sorted
    .slice(0, mostListed)
    .map((one) => `.${one}`)
    .join(' ')
  return `${name === undefined ? '' : `Did you mean .${name}? `}The fields are ${listed}${sorted.length > mostListed ? ' …' : ''}`
}
