import { GoTemplateError } from '../errors.ts'
import type { Arity, TemplateFunction } from '../functions/functions.ts'
import type { ErrorSubject } from '../syntax/node-text.ts'
import { nodeText } from '../syntax/node-text.ts'
import type { CommandNode, IdentifierNode, OperandNode, PipeNode } from '../syntax/nodes.ts'
import { findField, memberNames } from '../values/fields.ts'
import { mapGet } from '../values/maps.ts'
import { isTrue, kindOf, typeNameOf, zeroOf } from '../values/types.ts'
import type { Budget } from './limits.ts'
import { executionError } from './location.ts'
import { Variables } from './variables.ts'

/** What a map is taken to have under a key that isn't there: nothing, its zero value, or an error. */
export type MissingKey = 'default' | 'zero' | 'error'

/** What is the same wherever a template is executed. */
export interface Surroundings {
  readonly name: string
  readonly text: string
  readonly functions: ReadonlyMap<string, TemplateFunction>
  readonly arities: Readonly<Record<string, Arity>>
  readonly missingKey: MissingKey
  readonly budget: Budget
}

/** No command stands before this one in its pipeline. */
const nothing: unique symbol = Symbol('nothing')

/** A command's arguments: those written behind it, and what the command before gave. */
interface Arguments {
  readonly words: readonly OperandNode[]
  readonly final: unknown
}

const noArguments: Arguments = { words: [], final: nothing }

/** Works out what pipelines are worth, in one template that is being executed. */
export class Evaluator {
  readonly variables: Variables
  readonly #around: Surroundings
  readonly #executing: string
  #at: ErrorSubject | undefined

  constructor(around: Surroundings, executing: string, root: unknown) {
    this.#around = around
    this.#executing = executing
    this.variables = new Variables(root)
  }

  /** Remembers where errors are. */
  at(node: ErrorSubject): void {
    this.#at = node
  }

  error(message: string, details?: Readonly<Record<string, unknown>>, cause?: unknown): GoTemplateError {
    const { text, name } = this.#around
    return executionError({ text, name, executing: this.#executing, at: this.#at }, message, details, cause)
  }

  /** A pipeline's value; its variables are kept. Nil comes out as undefined. */
  pipe(pipe: PipeNode, dot: unknown): unknown {
    this.at(pipe)
    let value: unknown = nothing
    for (const command of pipe.commands) value = this.#command(command, dot, value) ?? undefined
    for (const variable of pipe.variables) {
      if (pipe.assigns) this.assign(variable, value)
      else this.variables.declare(variable, value)
    }
    return value
  }

  /** Gives a variable another value. */
  assign(name: string, value: unknown): void {
    if (!this.variables.set(name, value)) throw this.error(`undefined variable: ${name}`)
  }

  #command(command: CommandNode, dot: unknown, final: unknown): unknown {
    this.#around.budget.step()
    const [first, ...rest] = command.words
    if (first === undefined) throw this.error('empty command')
    const given: Arguments = { words: rest, final }
    switch (first.type) {
      case 'field':
        return this.#fields(first, dot, first.names, dot, given)
      case 'chain':
        return this.#fields(first, dot, first.names, this.#chained(first.of, dot), given)
      case 'identifier':
        return this.#function(first, command, dot, given)
      case 'variable':
        if (first.fields.length > 0) return this.#fields(first, dot, first.fields, this.variables.get(first.name), given)
        this.#takesNoArguments(first, given)
        return this.variables.get(first.name)
      case 'nil':
        this.at(first)
        throw this.error('nil is not a command')
      default:
        this.#takesNoArguments(first, given)
        return this.#operand(first, dot)
    }
  }

  #takesNoArguments(node: OperandNode, { words, final }: Arguments): void {
    if (words.length === 0 && final === nothing) return
    this.at(node)
    throw this.error(`can't give argument to non-function ${nodeText(node)}`)
  }

  #chained(node: OperandNode, dot: unknown): unknown {
    if (node.type !== 'nil') return this.#operand(node, dot)
    throw this.error('indirection through explicit nil')
  }

  /** What stands as an argument. */
  #operand(node: OperandNode, dot: unknown): unknown {
    this.#around.budget.step()
    this.at(node)
    switch (node.type) {
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'bool':
      case 'string':
      case 'number':
        return node.value
      case 'identifier':
        return this.#function(node, node, dot, noArguments)
      case 'field':
        return this.#fields(node, dot, node.names, dot, noArguments)
      case 'variable':
        return node.fields.length === 0
          ? this.variables.get(node.name)
          : this.#fields(node, dot, node.fields, this.variables.get(node.name), noArguments)
      case 'chain':
        return this.#fields(node, dot, node.names, this.#chained(node.of, dot), noArguments)
      case 'pipe':
        return this.pipe(node, dot)
    }
  }

  /** `.A.B.C`: the arguments are the last one's. */
  #fields(node: OperandNode, dot: unknown, names: readonly string[], receiver: unknown, given: Arguments): unknown {
    let value = receiver
    // Go points at what stands in the parentheses.
    if (node.type !== 'chain') this.at(node)
    names.forEach((name, index) => {
      value = this.#field(node, dot, name, value, index === names.length - 1 ? given : noArguments)
    })
    return value
  }

  #field(node: OperandNode, dot: unknown, name: string, receiver: unknown, given: Arguments): unknown {
    this.#around.budget.step()
    switch (kindOf(receiver)) {
      case 'missing':
        if (this.#around.missingKey === 'error') throw this.error(`nil data; no entry for key ${JSON.stringify(name)}`)
        return undefined
      case 'nil':
        throw this.error(`nil pointer evaluating interface {}.${name}`, { field: name })
      case 'map':
        return this.#key(node, dot, name, receiver as object, given)
      case 'struct':
        return this.#member(node, dot, name, receiver as object, given)
      default:
        throw this.error(`can't evaluate field ${name} in type ${typeNameOf(receiver)}`, { field: name, fields: [] })
    }
  }

  #key(node: OperandNode, dot: unknown, name: string, map: object, given: Arguments): unknown {
    const value = mapGet(map, name)
    if (typeof value === 'function') return this.#call(name, value as TemplateFunction, this.#evaluated(dot, given), map, node)
    if (given.words.length > 0 || given.final !== nothing) throw this.error(`${name} is not a method but has arguments`)
    if (value !== undefined || this.#around.missingKey === 'default') return value
    if (this.#around.missingKey === 'zero') return zeroOf(map)
    throw this.error(`map has no entry for key ${JSON.stringify(name)}`, { field: name })
  }

  #member(node: OperandNode, dot: unknown, name: string, struct: object, given: Arguments): unknown {
    const found = this.#guard(name, node, () => findField(struct, name))
    if (found === undefined) {
      throw this.error(`can't evaluate field ${name} in type ${typeNameOf(struct)}`, { field: name, fields: memberNames(struct) })
    }
    if (found.isMethod) return this.#call(name, found.value as TemplateFunction, this.#evaluated(dot, given), struct, node)
    if (given.words.length > 0 || given.final !== nothing) throw this.error(`${name} has arguments but cannot be invoked as function`)
    return found.value
  }

  /** @param node what errors of the function point at */
  #function({ name, ...identifier }: IdentifierNode, node: ErrorSubject, dot: unknown, given: Arguments): unknown {
    this.at({ name, ...identifier })
    this.#checkArity(name, given)
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, dot, given)
    if (name === 'call') return this.#callValue(node, dot, given)
    const called = this.#around.functions.get(name)
    if (called === undefined) throw this.error(`${JSON.stringify(name)} is not a defined function`)
    return this.#call(name, called, this.#evaluated(dot, given), undefined, node)
  }

  #checkArity(name: string, { words, final }: Arguments): void {
    const arity = Object.hasOwn(this.#around.arities, name) ? this.#around.arities[name] : undefined
    if (arity === undefined) return
    const count = words.length + Number(final !== nothing)
    const { minimum, maximum } = arity
    if (count >= minimum && count <= maximum) return
    const wanted = minimum === maximum ? `want ${minimum}` : `want at least ${minimum}`
    throw this.error(`wrong number of args for ${name}: ${wanted} got ${count}`)
  }

  /** The first argument that decides; the others are not evaluated. */
  #shortCircuit(name: 'and' | 'or', dot: unknown, { words, final }: Arguments): unknown {
    let value: unknown
    for (const word of words) {
      value = this.#operand(word, dot)
      if (isTrue(value) === (name === 'or')) return value
    }
    return final === nothing ? value : final
  }

  /** `call .F 1 2`: a field is not called before its function is known. */
  #callValue(node: ErrorSubject, dot: unknown, given: Arguments): unknown {
    const [first, ...rest] = given.words
    const called = first === undefined ? given.final : this.#functionValue(first, dot)
    this.at(node)
    if (called === undefined || called === null || called === nothing) throw this.error('error calling call: call of nil')
    if (typeof called !== 'function')
      throw this.error(`error calling call: non-function ${first === undefined ? '' : nodeText(first)} of type ${typeNameOf(called)}`)
    const values = this.#evaluated(dot, { words: rest, final: first === undefined ? nothing : given.final })
    return this.#call('call', called as TemplateFunction, values, undefined, node)
  }

  #functionValue(node: OperandNode, dot: unknown): unknown {
    const names = node.type === 'field' ? node.names : node.type === 'variable' ? node.fields : []
    const last = names.at(-1)
    if (last === undefined) return this.#operand(node, dot)
    const start = node.type === 'variable' ? this.variables.get(node.name) : dot
    const holder = this.#fields(node, dot, names.slice(0, -1), start, noArguments)
    const kind = kindOf(holder)
    const value = kind === 'struct' ? findField(holder as object, last)?.value : kind === 'map' ? mapGet(holder as object, last) : undefined
    return typeof value === 'function' ? value.bind(holder) : this.#field(node, dot, last, holder, noArguments)
  }

  #evaluated(dot: unknown, { words, final }: Arguments): readonly unknown[] {
    const values = words.map((word) => this.#operand(word, dot))
    return final === nothing ? values : [...values, final]
  }

  #call(name: string, called: TemplateFunction, values: readonly unknown[], receiver: unknown, node: ErrorSubject): unknown {
    const result: unknown = this.#guard(name, node, () => Reflect.apply(called, receiver, values))
    this.#around.budget.made(result)
    return result
  }

  /** Names what failed. */
  #guard<Result>(name: string, node: ErrorSubject, work: () => Result): Result {
    this.at(node)
    try {
      return work()
    } catch (error) {
      if (error instanceof GoTemplateError) throw error
      throw this.error(`error calling ${name}: ${error instanceof Error ? error.message : String(error)}`, {}, error)
    }
  }
}
