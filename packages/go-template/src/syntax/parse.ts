import type { BranchNode, Node, PipeNode, TemplateCallNode } from './nodes.ts'
import { deepestNesting, parsePipeline, tooDeep } from './parse-pipeline.ts'
import { Scope } from './scope.ts'
import { TokenReader } from './token-reader.ts'
import type { Token } from './tokens.ts'
import { unquote } from './unquote.ts'

/** A template and those that it defines, by name; its own is among them. */
export type ParsedTemplates = ReadonlyMap<string, readonly Node[]>

/** Options of `parse`. */
export interface ParseOptions {
  readonly name: string
  /** The names that may be called. */
  readonly functions: ReadonlySet<string>
}

/**
 * Reads a template.
 *
 * @throws GoTemplateError `ERR_TEMPLATE_SYNTAX`, `ERR_TEMPLATE_LIMIT`
 */
export function parse(text: string, { name, functions }: ParseOptions): ParsedTemplates {
  return new Parser(new TokenReader(text, name), functions).run(name)
}

/** How a list of nodes ended: at the end of the text, or at `{{end}}`, `{{else}}`. */
type Ending = { readonly at: 'text' } | { readonly at: 'end' | 'else'; readonly token: Token }

interface Body {
  readonly nodes: readonly Node[]
  readonly ending: Ending
}

class Parser {
  readonly #reader: TokenReader
  readonly #functions: ReadonlySet<string>
  readonly #templates = new Map<string, readonly Node[]>()
  #scope: Scope

  constructor(reader: TokenReader, functions: ReadonlySet<string>) {
    this.#reader = reader
    this.#functions = functions
    this.#scope = new Scope(functions)
  }

  run(name: string): ParsedTemplates {
    const { nodes, ending } = this.#body(true)
    if (ending.at !== 'text') throw this.#reader.error(`unexpected {{${ending.at}}}`)
    // What is defined under the template's own name stands unless the rest says something.
    if (!this.#templates.has(name) || !isEmpty(nodes)) this.#templates.set(name, nodes)
    return this.#templates
  }

  #body(isTop: boolean): Body {
    const nodes: Node[] = []
    for (;;) {
      const token = this.#reader.nextWord()
      if (token.kind === 'end') return { nodes, ending: { at: 'text' } }
      if (token.kind === 'text') {
        nodes.push({ type: 'text', position: token.position, text: token.text })
      } else if (token.kind === 'left') {
        this.#reader.actionLine = token.line
        const result = this.#action(isTop)
        this.#reader.actionLine = 0
        if (result !== undefined && 'ending' in result) return { nodes, ending: result.ending }
        if (result !== undefined) nodes.push(result.node)
      } else {
        throw this.#reader.unexpected(token, 'input')
      }
    }
  }

  #action(isTop: boolean): { readonly node: Node } | { readonly ending: Ending } | undefined {
    const token = this.#reader.nextWord()
    if (token.kind !== 'keyword') {
      this.#reader.back(token)
      return { node: { type: 'action', position: token.position, pipe: parsePipeline(this.#reader, this.#scope, 'command') } }
    }
    switch (token.text) {
      case 'if':
      case 'with':
      case 'range':
        return { node: this.#branch(token.text, token) }
      case 'end':
        this.#reader.expect(['right'], 'end')
        return { ending: { at: 'end', token } }
      case 'else':
        return { ending: { at: 'else', token: this.#else(token) } }
      case 'template':
        return { node: this.#call() }
      case 'block':
        return { node: this.#block() }
      case 'define':
        if (!isTop) throw this.#reader.unexpected(token, 'command')
        return this.#define()
      default:
        return { node: this.#jump(token) }
    }
  }

  /** `{{else}}`; of `{{else if` and `{{else with`, the word is left to be read. */
  #else(token: Token): Token {
    const next = this.#reader.peekWord()
    if (next.kind === 'keyword' && (next.text === 'if' || next.text === 'with')) return next
    this.#reader.expect(['right'], 'else')
    return token
  }

  #branch(type: BranchNode['type'], { position }: Token): BranchNode {
    const variables = this.#scope.variables.length
    this.#deeper()
    const pipe = parsePipeline(this.#reader, this.#scope, type)
    if (type === 'range') this.#scope.rangeDepth++
    const body = this.#inner()
    if (type === 'range') this.#scope.rangeDepth--
    const otherwise = body.ending.at === 'else' ? this.#otherwise(type, body.ending.token) : undefined
    this.#scope.variables.length = variables
    this.#scope.nesting--
    return { type, position, pipe, body: body.nodes, otherwise }
  }

  #otherwise(type: BranchNode['type'], token: Token): readonly Node[] {
    if (token.text !== 'else') {
      const next = this.#reader.nextWord()
      if (token.text !== type || (type !== 'if' && type !== 'with')) throw this.#reader.unexpected(next, 'else')
      // The `{{end}}` of the whole is that of the inner one.
      return [this.#branch(type, next)]
    }
    const { nodes, ending } = this.#inner()
    if (ending.at !== 'end') throw this.#reader.error(`expected end; found {{else}}`)
    return nodes
  }

  /** A list of nodes that must end. */
  #inner(): { readonly nodes: readonly Node[]; readonly ending: { readonly at: 'end' | 'else'; readonly token: Token } } {
    const { nodes, ending } = this.#body(false)
    if (ending.at === 'text') throw this.#reader.error('unexpected EOF')
    return { nodes, ending }
  }

  #jump(token: Token): Node {
    const type = token.text === 'break' ? 'break' : 'continue'
    const next = this.#reader.nextWord()
    if (next.kind !== 'right') throw this.#reader.unexpected(next, `{{${type}}}`)
    if (this.#scope.rangeDepth === 0) throw this.#reader.error(`{{${type}}} outside {{range}}`)
    return { type, position: token.position }
  }

  #call(): TemplateCallNode {
    const { name, position } = this.#name('template clause')
    return { type: 'template', position, name, pipe: this.#optionalPipe('template clause') }
  }

  #optionalPipe(context: string): PipeNode | undefined {
    const token = this.#reader.nextWord()
    if (token.kind === 'right') return undefined
    this.#reader.back(token)
    return parsePipeline(this.#reader, this.#scope, context)
  }

  /** A definition and its use in one. */
  #block(): TemplateCallNode {
    const { name, position } = this.#name('block clause')
    const pipe = parsePipeline(this.#reader, this.#scope, 'block clause')
    this.#definition(name, 'block clause')
    return { type: 'template', position, name, pipe }
  }

  #define(): undefined {
    const { name } = this.#name('define clause')
    this.#reader.expect(['right'], 'define clause')
    this.#definition(name, 'define clause')
  }

  /** A definition sees neither variables nor ranges of what is around it. */
  #definition(name: string, context: string): void {
    const outer = this.#scope
    this.#scope = new Scope(this.#functions)
    this.#scope.nesting = outer.nesting
    this.#deeper()
    const { nodes, ending } = this.#inner()
    if (ending.at !== 'end') throw this.#reader.error(`unexpected {{else}} in ${context}`)
    this.#scope = outer
    const earlier = this.#templates.get(name)
    if (earlier === undefined || isEmpty(earlier)) this.#templates.set(name, nodes)
    else if (!isEmpty(nodes)) throw this.#reader.error(`template: multiple definition of template ${JSON.stringify(name)}`)
  }

  #name(context: string): { readonly name: string; readonly position: number } {
    const token = this.#reader.nextWord()
    const { kind, text, position } = token
    if (kind === 'raw-string') return { name: text.slice(1, -1), position }
    const name = kind === 'string' ? unquote(text) : undefined
    if (name === undefined) throw kind === 'string' ? this.#reader.error('invalid syntax') : this.#reader.unexpected(token, context)
    return { name, position }
  }

  #deeper(): void {
    if (++this.#scope.nesting > deepestNesting) throw tooDeep(this.#reader)
  }
}

/** Whether there is nothing but white space. */
function isEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.type === 'text' && node.text.trim() === '')
}
