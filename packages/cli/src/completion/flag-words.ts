import type { FlagDefinition } from '../command-line/flags.ts'
import { type Completion, nothing, wordsOf } from './candidates.ts'

const signals = ['HUP', 'INT', 'KILL', 'QUIT', 'STOP', 'TERM', 'USR1', 'USR2', 'WINCH']

/** What a flag's value may be, as its definition says: its choices, its examples, or what stands for the value in `--help`. */
export function flagValues({ choices, examples, value = '' }: FlagDefinition): Completion {
  const known = choices ?? examples
  if (known !== undefined) return wordsOf(known)
  if (value === 'SIGNAL') return wordsOf(signals)
  if (/\bDIR\b/.test(value)) return { candidates: [], paths: 'directories' }
  if (/\b(FILE|PATH)\b/.test(value)) return { candidates: [], paths: 'files' }
  const words = value.split('|').filter((word) => /^[a-z][a-z0-9-]*$/.test(word))
  return words.length === 0 ? nothing : wordsOf(words)
}
