import { GoTemplateError } from '../errors.ts'
import { textOf } from '../format/format-value.ts'
import { nodeText } from '../syntax/node-text.ts'
import type { BranchNode, Node, TemplateCallNode } from '../syntax/nodes.ts'
import type { ParsedTemplates } from '../syntax/parse.ts'
import { sortedEntries } from '../values/maps.ts'
import { isTrue, kindOf, typeNameOf } from '../values/types.ts'
import { Evaluator, type Surroundings } from './evaluator.ts'

/** How a list of nodes ended, where it was not at its end. */
type Jump = 'break' | 'continue' | undefined

/**
 * What a template writes for a value.
 *
 * @throws GoTemplateError `ERR_TEMPLATE_EXECUTION`, `ERR_TEMPLATE_LIMIT`
 */
export function execute(templates: ParsedTemplates, around: Surroundings, data: unknown): string {
  const output: string[] = []
  try {
    new Execution(templates, around, output).run(around.name, data)
  } catch (error) {
    // V8's stack is full.
    if (error instanceof RangeError)
      throw new GoTemplateError('ERR_TEMPLATE_LIMIT', 'cannot execute the template: it is nested too deeply', { cause: error })
    throw error
  }
  return output.join('')
}

/** One execution of a template and of those that it calls. */
class Execution {
  readonly #templates: ParsedTemplates
  readonly #around: Surroundings
  readonly #output: string[]
  #depth = 0

  constructor(templates: ParsedTemplates, around: Surroundings, output: string[]) {
    this.#templates = templates
    this.#around = around
    this.#output = output
  }

  run(name: string, data: unknown): void {
    this.#list(this.#templates.get(name) ?? [], new Evaluator(this.#around, name, data), data)
  }

  #list(nodes: readonly Node[], evaluator: Evaluator, dot: unknown): Jump {
    for (const node of nodes) {
      const jump = this.#node(node, evaluator, dot)
      if (jump !== undefined) return jump
    }
    return undefined
  }

  #node(node: Node, evaluator: Evaluator, dot: unknown): Jump {
    this.#around.budget.step()
    switch (node.type) {
      case 'text':
        return this.#write(node.text)
      case 'action': {
        const value = evaluator.pipe(node.pipe, dot)
        if (node.pipe.variables.length === 0) this.#print(node, evaluator, value)
        return undefined
      }
      case 'break':
      case 'continue':
        return node.type
      case 'if':
      case 'with':
        return this.#choose(node, evaluator, dot)
      case 'range':
        return this.#range(node, evaluator, dot)
      case 'template':
        return this.#call(node, evaluator, dot)
    }
  }

  #print(node: Node, evaluator: Evaluator, value: unknown): void {
    evaluator.at(node)
    if (typeof value === 'function') throw evaluator.error(`can't print ${nodeText(node)} of type func()`)
    const text = value === undefined || value === null ? '<no value>' : textOf(value)
    this.#write(text)
  }

  #write(text: string): undefined {
    this.#around.budget.written(text)
    this.#output.push(text)
  }

  #choose(node: BranchNode, evaluator: Evaluator, dot: unknown): Jump {
    const { size } = evaluator.variables
    const value = evaluator.pipe(node.pipe, dot)
    const jump = isTrue(value)
      ? this.#list(node.body, evaluator, node.type === 'with' ? value : dot)
      : this.#list(node.otherwise ?? [], evaluator, dot)
    evaluator.variables.cutTo(size)
    return jump
  }

  #range(node: BranchNode, evaluator: Evaluator, dot: unknown): Jump {
    const { size } = evaluator.variables
    const value = evaluator.pipe(node.pipe, dot)
    const inner = evaluator.variables.size
    let isEmpty = true
    for (const [key, item] of turnsOf(value, evaluator)) {
      isEmpty = false
      this.#around.budget.step()
      if (node.pipe.variables.length > 0) keepTurn(node, evaluator, key, item)
      const jump = this.#list(node.body, evaluator, item)
      evaluator.variables.cutTo(inner)
      if (jump === 'break') break
    }
    const jump = isEmpty ? this.#list(node.otherwise ?? [], evaluator, dot) : undefined
    evaluator.variables.cutTo(size)
    return jump
  }

  #call(node: TemplateCallNode, evaluator: Evaluator, dot: unknown): undefined {
    evaluator.at(node)
    const nodes = this.#templates.get(node.name)
    if (nodes === undefined) throw evaluator.error(`template ${JSON.stringify(node.name)} not defined`)
    const { maximumDepth } = this.#around.budget
    if (this.#depth >= maximumDepth) {
      throw new GoTemplateError('ERR_TEMPLATE_LIMIT', evaluator.error(`exceeded maximum template depth (${maximumDepth})`).message)
    }
    const value = node.pipe === undefined ? undefined : evaluator.pipe(node.pipe, dot)
    this.#depth++
    this.#list(nodes, new Evaluator(this.#around, node.name, value), value)
    this.#depth--
  }
}

function keepTurn({ pipe: { variables } }: BranchNode, evaluator: Evaluator, key: unknown, item: unknown): void {
  const [first, second] = variables
  if (first !== undefined) evaluator.assign(first, second === undefined ? item : key)
  if (second !== undefined) evaluator.assign(second, item)
}

/** What a range goes over, with indexes or keys. */
function turnsOf(value: unknown, evaluator: Evaluator): Iterable<readonly [unknown, unknown]> {
  switch (kindOf(value)) {
    case 'missing':
    case 'nil':
      return []
    case 'slice':
    case 'bytes':
      return (value as readonly unknown[]).entries()
    case 'map':
      return sortedEntries(value as object)
    case 'int':
      return countTo(BigInt(value as number | bigint))
    default:
      throw evaluator.error(`range can't iterate over ${textOf(value)}`, { type: typeNameOf(value) })
  }
}

function* countTo(end: bigint): Generator<readonly [number, number]> {
  for (let turn = 0; turn < end; turn++) yield [turn, turn]
}
