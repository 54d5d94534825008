/**
 * Splits what follows an instruction into words: at spaces that no quote and no backslash protects. Nothing is put in for variables.
 *
 * @throws SyntaxError for a quote that is not closed
 */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let index = 0; index < text.length; index++) {
    const letter = text[index] as string
    if (letter === '"' || letter === "'") {
      const end = closing(text, index)
      word = (word ?? '') + unescape(text.slice(index + 1, end), letter)
      index = end
    } else if (letter === '\\' && index + 1 < text.length) word = (word ?? '') + text[++index]
    else if (!/\s/.test(letter)) word = (word ?? '') + letter
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  return word === undefined ? words : [...words, word]
}

/**
 * Reads `A=1 B="two words"`, or the old form with one pair, `A two words`.
 *
 * @throws SyntaxError for what is neither
 */
export function splitPairs(text: string): (readonly [string, string])[] {
  const [, name, value] = /^([^\s="']+)\s+([^=\s].*)$/s.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [[name, splitWords(value).join(' ')]]
  const pairs = splitWords(text).map((word) => {
    const at = word.indexOf('=')
    if (at < 1) throw new SyntaxError(`"${word}" is not NAME=VALUE`)
    return [word.slice(0, at), word.slice(at + 1)] as const
  })
  if (pairs.length === 0) throw new SyntaxError('it names nothing')
  return pairs
}

function closing(text: string, start: number): number {
  const quote = text[start]
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\' && quote === '"') index++
    else if (text[index] === quote) return index
  }
  throw new SyntaxError('a quote is not closed')
}

/** Between double quotes a backslash protects only what means something there. */
function unescape(text: string, quote: string): string {
  return quote === '"' ? text.replaceAll(/\\(["\\$])/g, '$1') : text
}
