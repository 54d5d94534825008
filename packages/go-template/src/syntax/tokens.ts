/** What a token is. `char` is any other printable character; `space` is kept, since it separates arguments. */
export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'field'
  | 'dot'
  | 'variable'
  | 'identifier'
  | 'keyword'
  | 'bool'
  | 'nil'
  | 'number'
  | 'char-constant'
  | 'string'
  | 'raw-string'
  | 'declare'
  | 'assign'
  | 'pipe'
  | 'left-paren'
  | 'right-paren'
  | 'char'
  | 'error'
  | 'end'

/** A piece of a template's text. */
export interface Token {
  readonly kind: TokenKind
  /** As written; of an error, what is wrong. */
  readonly text: string
  /** Offset into the template's text, in UTF-16 units. */
  readonly position: number
  /** From 1. */
  readonly line: number
}

/** Words that begin or end a block. */
export const keywords: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
])

const longestShown = 10

/** A token as an error names it. */
export function describeToken({ kind, text }: Token): string {
  if (kind === 'end') return 'EOF'
  if (kind === 'error') return text
  if (kind === 'keyword' || kind === 'dot' || kind === 'nil') return `<${text}>`
  const characters = Array.from(text)
  return characters.length > longestShown ? `${JSON.stringify(characters.slice(0, longestShown).join(''))}...` : JSON.stringify(text)
}
