import { isPodwrightError, messageOf } from '@podwright/conventions'
import { allErrors } from '../all-errors.ts'
import type { LogLevel } from '../context.ts'
import { printableLines } from './printable.ts'

/** How deep causes are shown. */
const maximumDepth = 8

/** What is said on stderr of an error: its message, then its hint on a line of its own; with `debug` also codes, causes and stacks. */
export function renderError(error: unknown, level: LogLevel): string {
  return printableLines(
    allErrors(error)
      .map((one) => renderOne(one, level))
      .join(''),
  )
}

function renderOne(error: unknown, level: LogLevel): string {
  if (isPodwrightError(error, 'ERR_CLI_INTERRUPTED')) return level === 'debug' ? renderChain(error) : ''
  const hint = isPodwrightError(error) && error.hint !== undefined ? `${error.hint}\n` : ''
  return `Error: ${messageOf(error)}\n${hint}${level === 'debug' ? renderChain(error) : ''}`
}

function renderChain(error: unknown): string {
  const lines: string[] = []
  let current: unknown = error
  for (let depth = 0; current !== undefined && depth < maximumDepth; depth++) {
    lines.push(`${depth === 0 ? 'error' : 'caused by'}: ${describe(current)}`)
    current = current instanceof Error ? current.cause : undefined
  }
  return `${lines.join('\n')}\n`
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? ` [${String(error.code)}]` : ''
  const details = isPodwrightError(error) && Object.keys(error.details).length > 0 ? `\n    details: ${JSON.stringify(error.details)}` : ''
  return `${error.stack ?? error.message}${code}${details}`
}
