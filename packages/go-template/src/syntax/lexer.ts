import { keywords, type Token, type TokenKind } from './tokens.ts'

const left = '{{'
const right = '}}'
const leftTrim = /^-[ \t\r\n]/
const rightTrim = /^[ \t\r\n]-\}\}/
const spaces = /[ \t\r\n]+/y
const word = /[\p{L}_\p{Nd}]+/uy
const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y
const letterOrDigit = /^[\p{L}_\p{Nd}]/u

/** The tokens of a template, in order; the last is `end` or `error`. */
export function* tokenize(text: string): Generator<Token, void> {
  yield* new Lexer(text).run()
}

/** Reads text and, between `{{` and `}}`, the language. */
class Lexer {
  readonly #text: string
  #at = 0
  #line = 1
  #depth = 0
  /** Whether the last action ended in ` -}}`. */
  #trims = false

  constructor(text: string) {
    this.#text = text
  }

  *run(): Generator<Token, void> {
    for (;;) {
      const open = this.#text.indexOf(left, this.#at)
      const end = open < 0 ? this.#text.length : open
      const marked = open >= 0 && leftTrim.test(this.#text.slice(open + 2, open + 4))
      const literal = this.#literal(end, marked)
      if (literal !== undefined) yield literal
      if (open < 0) return yield this.#token('end', this.#at)
      const body = open + (marked ? 4 : 2)
      const failure = this.#text.startsWith('/*', body) ? this.#comment(body) : yield* this.#action(body)
      if (failure !== undefined) return yield failure
    }
  }

  /** The text before an action, without what a trim marker on either side takes. */
  #literal(end: number, trimsEnd: boolean): Token | undefined {
    const whole = this.#text.slice(this.#at, end)
    const started = this.#trims ? trimStart(whole) : whole
    const text = trimsEnd ? trimEnd(started) : started
    const position = this.#at + whole.length - started.length
    const token: Token = { kind: 'text', text, position, line: this.#line + countLines(this.#text.slice(this.#at, position)) }
    this.#advance(end)
    return text === '' ? undefined : token
  }

  #comment(from: number): Token | undefined {
    const close = this.#text.indexOf('*/', from)
    if (close < 0) return this.#error('unclosed comment')
    this.#advance(close + 2)
    return this.#close() === undefined ? this.#error('comment ends before closing delimiter') : undefined
  }

  *#action(from: number): Generator<Token, Token | undefined> {
    yield this.#token('left', from)
    this.#depth = 0
    for (;;) {
      if (this.#atRight()) {
        if (this.#depth > 0) return this.#error('unclosed left paren')
        const position = this.#at
        const line = this.#line
        this.#close()
        yield { kind: 'right', text: right, position, line }
        return undefined
      }
      const token = this.#next()
      if (token.kind === 'error') return token
      yield token
    }
  }

  #atRight(): boolean {
    return this.#text.startsWith(right, this.#at) || rightTrim.test(this.#text.slice(this.#at, this.#at + 4))
  }

  /** Goes past `}}` or ` -}}`; undefined where there is none. */
  #close(): true | undefined {
    this.#trims = rightTrim.test(this.#text.slice(this.#at, this.#at + 4))
    if (!this.#trims && !this.#text.startsWith(right, this.#at)) return undefined
    this.#advance(this.#at + (this.#trims ? 4 : 2))
    return true
  }

  #next(): Token {
    const at = this.#at
    const character = this.#characterAt(at)
    const following = this.#text[at + 1] ?? ''
    if (character === '') return this.#error('unclosed action')
    if (/[ \t\r\n]/.test(character)) return this.#space(at)
    if (character === ':') return following === '=' ? this.#token('declare', at + 2) : this.#error('expected :=')
    if (character === '"') return this.#quoted('string', '"')
    if (character === "'") return this.#quoted('char-constant', "'")
    if (character === '`') return this.#raw()
    if (character === '$') return this.#named('variable', at + 1)
    if (character === '.' && !/[0-9]/.test(following)) return this.#named('field', at + 1)
    if (/[.+\-0-9]/.test(character)) return this.#number()
    if (letterOrDigit.test(character)) return this.#word()
    return this.#sign(character)
  }

  #sign(character: string): Token {
    const end = this.#at + character.length
    if (character === '=') return this.#token('assign', end)
    if (character === '|') return this.#token('pipe', end)
    if (character === '(') {
      this.#depth++
      return this.#token('left-paren', end)
    }
    if (character === ')') {
      this.#depth--
      return this.#depth < 0 ? this.#error('unexpected right paren') : this.#token('right-paren', end)
    }
    if (/^[!-~]$/.test(character)) return this.#token('char', end)
    return this.#error(`unrecognized character in action: ${describeCharacter(character)}`)
  }

  /** The space before ` -}}` belongs to the delimiter. */
  #space(at: number): Token {
    const end = this.#match(spaces, at)
    return this.#token('space', this.#text.startsWith(`-${right}`, end) && end - at > 1 ? end - 1 : end)
  }

  #quoted(kind: TokenKind, quote: string): Token {
    for (let at = this.#at + 1; at < this.#text.length && this.#text[at] !== '\n'; at++) {
      if (this.#text[at] === '\\') at++
      else if (this.#text[at] === quote) return this.#token(kind, at + 1)
    }
    return this.#error(kind === 'string' ? 'unterminated quoted string' : 'unterminated character constant')
  }

  #raw(): Token {
    const close = this.#text.indexOf('`', this.#at + 1)
    return close < 0 ? this.#error('unterminated raw quoted string') : this.#token('raw-string', close + 1)
  }

  /** `$name`, `.Name`; `$` and `.` alone. */
  #named(kind: 'variable' | 'field', from: number): Token {
    if (this.#ends(from)) return this.#token(kind === 'field' ? 'dot' : kind, from)
    const end = this.#match(word, from)
    return this.#ends(end) ? this.#token(kind, end) : this.#badCharacter(end)
  }

  #number(): Token {
    const end = this.#match(number, this.#at)
    const text = this.#text.slice(this.#at, end)
    const next = this.#characterAt(end)
    if (letterOrDigit.test(next)) return this.#error(`bad number syntax: ${JSON.stringify(text + next)}`)
    return this.#token('number', end)
  }

  #word(): Token {
    const end = this.#match(word, this.#at)
    const text = this.#text.slice(this.#at, end)
    if (!this.#ends(end)) return this.#badCharacter(end)
    if (keywords.has(text)) return this.#token('keyword', end)
    if (text === 'true' || text === 'false') return this.#token('bool', end)
    return this.#token(text === 'nil' ? 'nil' : 'identifier', end)
  }

  /** Whether a word may end here. */
  #ends(at: number): boolean {
    const character = this.#text[at] ?? ''
    return character === '' || /[ \t\r\n.,|:()]/.test(character) || this.#text.startsWith(right, at)
  }

  #badCharacter(at: number): Token {
    return this.#error(`bad character ${describeCharacter(this.#characterAt(at))}`)
  }

  #match(pattern: RegExp, from: number): number {
    pattern.lastIndex = from
    return pattern.test(this.#text) ? pattern.lastIndex : from
  }

  #characterAt(at: number): string {
    const point = this.#text.codePointAt(at)
    return point === undefined ? '' : String.fromCodePoint(point)
  }

  #token(kind: TokenKind, end: number): Token {
    const token: Token = { kind, text: this.#text.slice(this.#at, end), position: this.#at, line: this.#line }
    this.#advance(end)
    return token
  }

  #error(message: string): Token {
    return { kind: 'error', text: message, position: this.#at, line: this.#line }
  }

  #advance(end: number): void {
    this.#line += countLines(this.#text.slice(this.#at, end))
    this.#at = end
  }
}

function trimStart(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '')
}

/** A loop: a pattern that ends in `$` takes quadratic time. */
function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && ' \t\r\n'.includes(text[end - 1] ?? '')) end--
  return text.slice(0, end)
}

function countLines(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

/** As Go's `%#U`: `U+0040 '@'`. */
function describeCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  return /^\p{C}$/u.test(character) ? code : `${code} '${character}'`
}
