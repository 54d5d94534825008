/** A word that may stand at a place of a command line. */
export interface Candidate {
  readonly value: string
  /** A phrase, for shells that show one. */
  readonly description?: string | undefined
}

/** What may stand at a place: words of ours, or what the shell itself knows best. */
export interface Completion {
  readonly candidates: readonly Candidate[]
  /** The shell's own, besides the candidates. @default none */
  readonly paths?: 'files' | 'directories' | undefined
  /** More of the word is to come: no space follows it. @default false */
  readonly goesOn?: boolean | undefined
}

/** Nothing is known. */
export const nothing: Completion = { candidates: [] }

/** Words without descriptions. */
export function wordsOf(values: readonly string[]): Completion {
  return { candidates: values.map((value) => ({ value })) }
}

/** Only what begins as somebody has begun to type. */
export function narrowed({ candidates, ...rest }: Completion, typed: string): Completion {
  return { ...rest, candidates: candidates.filter(({ value }) => value.startsWith(typed)) }
}
