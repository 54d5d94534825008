import { parseSync, Visitor } from 'rolldown/utils'

/** One place where a file names another module. */
export interface ModuleReference {
  /** As written: `./a.ts`, `node:fs`, `@podwright/oci`. */
  readonly specifier: string
  readonly line: number
}

/** Every module that TypeScript source text names: imports, re-exports, `import()` of a literal, and types taken by `import('…')`. */
export function readReferences(file: string, source: string): readonly ModuleReference[] {
  const parsed = parseSync(file, source, { lang: 'ts', sourceType: 'module' })
  const [error] = parsed.errors
  if (error !== undefined) throw new Error(`${file} can't be parsed: ${error.message}`)

  const found: ModuleReference[] = []
  const add = (node: { readonly type: string } | null): void => {
    if (node === null || !isStringLiteral(node)) return
    found.push({ specifier: node.value, line: source.slice(0, node.start).split('\n').length })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    CallExpression: (node) => {
      if (isImportMetaResolve(source.slice(node.callee.start, node.callee.end))) add(node.arguments[0] ?? null)
    },
  }).visit(parsed.program)
  return found
}

function isStringLiteral(node: { readonly type: string }): node is { type: 'Literal'; value: string; start: number } {
  return node.type === 'Literal' && 'value' in node && typeof node.value === 'string'
}

function isImportMetaResolve(callee: string): boolean {
  return callee === 'import.meta.resolve' || callee === 'require' || callee === 'require.resolve'
}

/** The package that a bare specifier names: `@noble/hashes` for `@noble/hashes/sha2.js`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}
