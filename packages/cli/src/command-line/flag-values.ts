import { CliError } from '../errors.ts'
import type { FlagDefinition, FlagValue } from './flags.ts'

/** One use of a flag on a command line. */
export interface FlagUse {
  /** As typed, with its dashes. */
  readonly typed: string
  readonly definition: FlagDefinition
  readonly text: string
  /** What the uses before came to. */
  readonly earlier: FlagValue
}

const booleans: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
}

/**
 * The value of a flag after one more use of it.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function parseFlagValue(use: FlagUse): FlagValue {
  const { definition, text } = use
  if (definition.choices !== undefined && !definition.choices.includes(text)) {
    throw invalid(use, `it is one of ${definition.choices.join(', ')}`)
  }
  switch (definition.kind) {
    case 'boolean': {
      const value = booleans[text]
      if (value === undefined) throw invalid(use, 'it is true or false')
      return value
    }
    case 'text':
      return text
    case 'words':
      return [...earlierWords(use), text]
    case 'list':
      return [...earlierWords(use), ...text.split(',')]
    case 'integer':
      if (!/^[+-]?\d{1,15}$/.test(text)) throw invalid(use, 'it is a whole number')
      return Number(text)
    case 'number':
      if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text)) throw invalid(use, 'it is a number')
      return Number(text)
  }
}

function earlierWords({ earlier }: FlagUse): readonly string[] {
  return Array.isArray(earlier) ? earlier : []
}

function invalid({ typed, text }: FlagUse, reason: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for ${typed}: ${reason}`, { details: { flag: typed, value: text } })
}
