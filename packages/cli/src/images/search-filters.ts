import type { SearchResult } from '@podwright/contracts'
import { parseFilters } from '../command-line/filters.ts'
import { CliError } from '../errors.ts'

/** The test that `search --filter` asks for. @throws CliError `ERR_CLI_FLAG_VALUE` */
export function searchFilter(texts: readonly string[]): (result: SearchResult) => boolean {
  return parseFilters(texts, {
    stars: (values) => {
      const least = Math.max(...values.map(countOf))
      return ({ stars }) => stars >= least
    },
    'is-official': (values) => {
      const wanted = values.map((value) => booleanOf(value, 'is-official'))
      return ({ official }) => wanted.includes(official)
    },
    'is-automated': (values) => {
      const wanted = values.map((value) => booleanOf(value, 'is-automated'))
      return ({ automated }) => wanted.includes(automated)
    },
  })
}

function countOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" in --filter stars: it is a number`)
}

function booleanOf(text: string, name: string): boolean {
  if (text === '' || text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" in --filter ${name}: it is true or false`)
}
