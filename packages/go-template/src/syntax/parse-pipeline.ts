import { GoTemplateError } from '../errors.ts'
import { nodeText } from './node-text.ts'
import type { ChainNode, CommandNode, OperandNode, PipeNode } from './nodes.ts'
import { parseNumber } from './number-literal.ts'
import type { Scope } from './scope.ts'
import type { TokenReader } from './token-reader.ts'
import type { Token } from './tokens.ts'
import { unquote } from './unquote.ts'

/** Parentheses and blocks within one another. */
export const deepestNesting = 250

const operandKinds: ReadonlySet<Token['kind']> = new Set([
  'bool',
  'char-constant',
  'dot',
  'field',
  'identifier',
  'left-paren',
  'nil',
  'number',
  'raw-string',
  'string',
  'variable',
])

/** Kinds of operand that only a pipeline's first command may begin with. */
const inertTypes: ReadonlySet<OperandNode['type']> = new Set(['bool', 'dot', 'nil', 'number', 'string'])

/** Reads a pipeline up to its end, `}}` or `)`. `context` is what errors call it. */
export function parsePipeline(reader: TokenReader, scope: Scope, context: string, end: 'right' | 'right-paren' = 'right'): PipeNode {
  const { position, line } = reader.peekWord()
  if (++scope.nesting > deepestNesting) throw tooDeep(reader)
  const { variables, assigns } = parseVariables(reader, scope, context)
  const commands: CommandNode[] = []
  for (;;) {
    const token = reader.nextWord()
    if (token.kind === end) break
    if (!operandKinds.has(token.kind)) throw reader.unexpected(token, context)
    reader.back(token)
    commands.push(parseCommand(reader, scope))
  }
  checkCommands(reader, commands, context)
  scope.nesting--
  return { type: 'pipe', position, line, variables, assigns, commands }
}

/** The error for blocks or parentheses that lie too deep in one another. */
export function tooDeep(reader: TokenReader): GoTemplateError {
  const { message, details } = reader.error(`more than ${deepestNesting} blocks and parentheses in one another`)
  return new GoTemplateError('ERR_TEMPLATE_LIMIT', message, { details })
}

function checkCommands(reader: TokenReader, commands: readonly CommandNode[], context: string): void {
  if (commands.length === 0) throw reader.error(`missing value for ${context}`)
  const inert = commands.findIndex(({ words }, index) => index > 0 && words[0] !== undefined && inertTypes.has(words[0].type))
  if (inert > 0) throw reader.error(`non executable command in pipeline stage ${inert + 1}`)
}

/** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
function parseVariables(reader: TokenReader, scope: Scope, context: string): { variables: readonly string[]; assigns: boolean } {
  const variables: string[] = []
  for (;;) {
    const token = reader.peekWord()
    if (token.kind !== 'variable') break
    reader.nextWord()
    const spaceOrSign = reader.peek()
    const sign = reader.peekWord()
    if (sign.kind === 'declare' || sign.kind === 'assign') {
      reader.nextWord()
      const assigns = sign.kind === 'assign'
      keepVariables(scope, [...variables, token.text], assigns)
      return { variables: [...variables, token.text], assigns }
    }
    if (sign.kind === 'char' && sign.text === ',') {
      reader.nextWord()
      variables.push(token.text)
      if (context !== 'range' || variables.length > 1) throw reader.error(`too many declarations in ${context}`)
      if (!['variable', 'right', 'right-paren'].includes(reader.peekWord().kind)) throw reader.error('range can only initialize variables')
      continue
    }
    putBack(reader, token, spaceOrSign)
    break
  }
  return { variables, assigns: false }
}

function putBack(reader: TokenReader, variable: Token, after: Token): void {
  if (after.kind === 'space') {
    const sign = reader.peekWord()
    reader.nextWord()
    reader.back(variable, after, sign)
  } else {
    reader.back(variable)
  }
}

function keepVariables(scope: Scope, names: readonly string[], assigns: boolean): void {
  if (!assigns) scope.variables.push(...names)
}

function parseCommand(reader: TokenReader, scope: Scope): CommandNode {
  const { position } = reader.peekWord()
  const words: OperandNode[] = []
  for (;;) {
    reader.peekWord()
    skipSpace(reader)
    const operand = parseOperand(reader, scope)
    if (operand !== undefined) words.push(operand)
    const token = reader.next()
    if (token.kind === 'space') continue
    if (token.kind === 'right' || token.kind === 'right-paren') reader.back(token)
    else if (token.kind !== 'pipe') throw reader.unexpected(token, 'operand')
    break
  }
  if (words.length === 0) throw reader.error('empty command')
  return { type: 'command', position, words }
}

function skipSpace(reader: TokenReader): void {
  while (reader.peek().kind === 'space') reader.next()
}

/** A term and the fields behind it. Errors point at the first of these. */
function parseOperand(reader: TokenReader, scope: Scope): OperandNode | undefined {
  const term = parseTerm(reader, scope)
  if (term === undefined || reader.peek().kind !== 'field') return term
  const names: string[] = []
  const { position } = reader.peek()
  while (reader.peek().kind === 'field') names.push(reader.next().text.slice(1))
  switch (term.type) {
    case 'field':
      return { ...term, position, names: [...term.names, ...names] }
    case 'variable':
      return { ...term, position, fields: [...term.fields, ...names] }
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      throw reader.error(`unexpected . after term ${JSON.stringify(nodeText(term))}`)
    case 'identifier':
    case 'chain':
    case 'pipe':
      return { type: 'chain', position, of: term, names } satisfies ChainNode
  }
}

function parseTerm(reader: TokenReader, scope: Scope): OperandNode | undefined {
  const token = reader.nextWord()
  const { text, position } = token
  switch (token.kind) {
    case 'identifier':
      if (!scope.hasFunction(text)) throw reader.error(`function ${JSON.stringify(text)} not defined`)
      return { type: 'identifier', position, name: text }
    case 'dot':
    case 'nil':
      return { type: token.kind, position }
    case 'variable':
      if (!scope.hasVariable(text)) throw reader.error(`undefined variable ${JSON.stringify(text)}`)
      return { type: 'variable', position, name: text, fields: [] }
    case 'field':
      return { type: 'field', position, names: [text.slice(1)] }
    case 'bool':
      return { type: 'bool', position, value: text === 'true' }
    case 'left-paren':
      return parsePipeline(reader, scope, 'parenthesized pipeline', 'right-paren')
    case 'char-constant':
    case 'number':
    case 'string':
    case 'raw-string':
      return parseLiteral(reader, token)
    default:
      reader.back(token)
      return undefined
  }
}

function parseLiteral(reader: TokenReader, { kind, text, position }: Token): OperandNode {
  if (kind === 'raw-string') return { type: 'string', position, text, value: text.slice(1, -1).replaceAll('\r', '') }
  if (kind === 'number') {
    const number = parseNumber(text)
    if ('problem' in number) throw reader.error(number.problem)
    return { type: 'number', position, text, value: number.value }
  }
  const value = unquote(text)
  if (kind === 'string') {
    if (value === undefined) throw reader.error('invalid syntax')
    return { type: 'string', position, text, value }
  }
  const point = value?.codePointAt(0)
  if (value === undefined || point === undefined) throw reader.error('invalid syntax')
  if (String.fromCodePoint(point).length !== value.length) throw reader.error(`malformed character constant: ${text}`)
  return { type: 'number', position, text, value: point }
}
