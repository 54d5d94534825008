import { GoTemplateError } from '../errors.ts'
import { tokenize } from './lexer.ts'
import { describeToken, type Token } from './tokens.ts'

/** The tokens of a template, looked at before they are taken; and the errors that stop at one. */
export class TokenReader {
  readonly #tokens: Iterator<Token, void>
  readonly #name: string
  readonly #ahead: Token[] = []
  #last: Token = { kind: 'end', text: '', position: 0, line: 1 }
  /** Where the action began that is being read. */
  actionLine = 0

  constructor(text: string, name: string) {
    this.#tokens = tokenize(text)
    this.#name = name
  }

  next(): Token {
    const token = this.#ahead.pop() ?? this.#pull()
    this.#last = token
    return token
  }

  back(...tokens: readonly Token[]): void {
    this.#ahead.push(...tokens.toReversed())
  }

  peek(): Token {
    const token = this.next()
    this.back(token)
    return token
  }

  nextWord(): Token {
    let token = this.next()
    while (token.kind === 'space') token = this.next()
    return token
  }

  peekWord(): Token {
    const token = this.nextWord()
    this.back(token)
    return token
  }

  expect(kinds: readonly Token['kind'][], context: string): Token {
    const token = this.nextWord()
    if (!kinds.includes(token.kind)) throw this.unexpected(token, context)
    return token
  }

  unexpected(token: Token, context: string): GoTemplateError {
    if (token.kind !== 'error') return this.error(`unexpected ${describeToken(token)} in ${context}`)
    if (this.actionLine === 0 || this.actionLine === token.line) return this.error(token.text)
    const where = token.text.endsWith(' action') ? token.text.slice(0, -' action'.length) : token.text
    return this.error(
      `${where} action started at ${this.#name}:${this.actionLine}`.replace(/^(?!unclosed)(.*) action started/, '$1 in action started'),
    )
  }

  error(message: string): GoTemplateError {
    const { line, position } = this.#last
    return new GoTemplateError('ERR_TEMPLATE_SYNTAX', `template: ${this.#name}:${line}: ${message}`, { details: { line, position } })
  }

  #pull(): Token {
    const { value, done } = this.#tokens.next()
    return done === true ? { ...this.#last, kind: 'end', text: '' } : value
  }
}
