/** For each field, the words that ask for its value: every field, or it does not compile. */
export type Writers<Options> = {
  readonly [Name in keyof Required<Options>]: (value: NonNullable<Options[Name]>) => readonly string[]
}

/** A flag and its value; together where the value would be taken for a flag. */
export function flag(name: string, value: string | number): readonly string[] {
  const text = String(value)
  return text.startsWith('-') || text === '' ? [`--${name}=${text}`] : [`--${name}`, text]
}

/** The same for each value. */
export function flags(name: string, values: readonly (string | number)[]): readonly string[] {
  return values.flatMap((value) => flag(name, value))
}

/** A command line as a shell reads it. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
