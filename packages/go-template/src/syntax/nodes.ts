/** Where a node stands. */
interface Positioned {
  /** Offset into the template's text, in UTF-16 units. */
  readonly position: number
}

/** `.`, `nil`, a literal: what has its value by itself. `text` is how it was written. */
export type LiteralNode = Positioned &
  (
    | { readonly type: 'dot' }
    | { readonly type: 'nil' }
    | { readonly type: 'bool'; readonly value: boolean }
    | { readonly type: 'string'; readonly text: string; readonly value: string }
    | { readonly type: 'number'; readonly text: string; readonly value: unknown }
  )

/** The name of a function. */
export interface IdentifierNode extends Positioned {
  readonly type: 'identifier'
  readonly name: string
}

/** `.A.B` */
export interface FieldNode extends Positioned {
  readonly type: 'field'
  readonly names: readonly string[]
}

/** `$x.A.B`; `$` alone is a variable whose name is `$`. */
export interface VariableNode extends Positioned {
  readonly type: 'variable'
  readonly name: string
  readonly fields: readonly string[]
}

/** `(…).A.B` */
export interface ChainNode extends Positioned {
  readonly type: 'chain'
  readonly of: OperandNode
  readonly names: readonly string[]
}

/** What a command is made of. */
export type OperandNode = LiteralNode | IdentifierNode | FieldNode | VariableNode | ChainNode | PipeNode

/** A function or value with its arguments. */
export interface CommandNode extends Positioned {
  readonly type: 'command'
  readonly words: readonly OperandNode[]
}

/** Commands, each handed what the one before gave; perhaps kept in variables. */
export interface PipeNode extends Positioned {
  readonly type: 'pipe'
  readonly line: number
  /** With their dollar signs. */
  readonly variables: readonly string[]
  /** `=` in place of `:=`. */
  readonly assigns: boolean
  readonly commands: readonly CommandNode[]
}

/** `if`, `with` and `range`. */
export interface BranchNode extends Positioned {
  readonly type: 'if' | 'with' | 'range'
  readonly pipe: PipeNode
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[] | undefined
}

/** `{{template "name" pipeline}}` */
export interface TemplateCallNode extends Positioned {
  readonly type: 'template'
  readonly name: string
  readonly pipe: PipeNode | undefined
}

/** What a template consists of. */
export type Node =
  | (Positioned & { readonly type: 'text'; readonly text: string })
  | (Positioned & { readonly type: 'action'; readonly pipe: PipeNode })
  | (Positioned & { readonly type: 'break' | 'continue' })
  | BranchNode
  | TemplateCallNode
