/** One challenge of a WWW-Authenticate header (RFC 9110, section 11.3). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const parameter = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y
const separators = /[\s,]*/y

/**
 * Takes a WWW-Authenticate header apart: several challenges, in one header or joined by commas, with commas in quoted values. What can't be read ends
 * the list.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  let position = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position
    const found = pattern.exec(header) ?? undefined
    if (found !== undefined) position = pattern.lastIndex
    return found
  }
  for (;;) {
    take(separators)
    const pair = take(parameter)
    const current = challenges.at(-1)
    if (pair !== undefined && current !== undefined) {
      const [, name = '', quoted, bare] = pair
      current.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? ''
      continue
    }
    const scheme = pair === undefined ? take(token)?.[0] : undefined
    if (scheme === undefined) return challenges
    challenges.push({ scheme: scheme.toLowerCase(), parameters: {} })
  }
}
