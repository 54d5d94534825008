import type { ResourceLimit } from '@podwright/contracts'
import { CliError } from '../errors.ts'

/**
 * Reads `--ulimit NAME=SOFT[:HARD]`; -1 and `unlimited` are no limit, written -1.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function parseLimit(text: string): ResourceLimit {
  const match = /^([a-z]+)=([^:]+)(?::([^:]+))?$/.exec(text)
  const [, name, soft, hard = soft] = match ?? []
  if (name === undefined || soft === undefined || hard === undefined) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --ulimit: it is not NAME=SOFT or NAME=SOFT:HARD`)
  }
  return { name, soft: limitNumber(soft, text), hard: limitNumber(hard, text) }
}

function limitNumber(word: string, text: string): number {
  if (word === 'unlimited') return -1
  if (!/^(-1|\d{1,15})$/.test(word)) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --ulimit: ${word} is no limit`)
  }
  return Number(word)
}
