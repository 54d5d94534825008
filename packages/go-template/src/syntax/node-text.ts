import type { BranchNode, CommandNode, Node, OperandNode, PipeNode, TemplateCallNode } from './nodes.ts'

/** What an error can point at. */
export type ErrorSubject = Node | OperandNode | PipeNode | CommandNode

/** A node in the words of the language, for errors. */
export function nodeText(node: ErrorSubject): string {
  switch (node.type) {
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(node.value)
    case 'string':
    case 'number':
      return node.text
    case 'identifier':
      return node.name
    case 'field':
      return node.names.map((name) => `.${name}`).join('')
    case 'variable':
      return [node.name, ...node.fields].join('.')
    case 'chain':
      return `${wrapped(node.of)}${node.names.map((name) => `.${name}`).join('')}`
    case 'pipe':
      return pipeText(node)
    case 'command':
      return commandText(node)
    case 'text':
      return JSON.stringify(node.text)
    case 'action':
      return `{{${pipeText(node.pipe)}}}`
    case 'break':
    case 'continue':
      return `{{${node.type}}}`
    case 'if':
    case 'with':
    case 'range':
      return branchText(node)
    case 'template':
      return templateText(node)
  }
}

function pipeText({ variables, assigns, commands }: PipeNode): string {
  const kept = variables.length === 0 ? '' : `${variables.join(', ')} ${assigns ? '=' : ':='} `
  return kept + commands.map(commandText).join(' | ')
}

function commandText({ words }: CommandNode): string {
  return words.map(wrapped).join(' ')
}

function wrapped(node: OperandNode): string {
  return node.type === 'pipe' ? `(${pipeText(node)})` : nodeText(node)
}

/** Errors cut it after twenty characters: the beginning is enough. */
function branchText({ type, pipe }: BranchNode): string {
  return `{{${type} ${pipeText(pipe)}}}`
}

function templateText({ name, pipe }: TemplateCallNode): string {
  return `{{template ${JSON.stringify(name)}${pipe === undefined ? '' : ` ${pipeText(pipe)}`}}}`
}
