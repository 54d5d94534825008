import { expect, test } from 'vitest'
import { packageOf, readReferences } from '../../boundaries/imports.ts'

test.each([
  ['an import', `import a from 'm'`],
  ['a bare import', `import 'm'`],
  ['a type import', `import type { A } from 'm'`],
  ['a re-export of names', `export { a } from 'm'`],
  ['a re-export of everything', `export * from 'm'`],
  ['a re-export of a type', `export type { A } from 'm'`],
  ['a dynamic import', `const a = await import('m')`],
  ['a type taken by import()', `type A = import('m').A`],
  ['import.meta.resolve', `const a = import.meta.resolve('m')`],
  ['a required module', `const a = require('m')`],
])('%s is a reference', (_, source) => {
  expect(readReferences('a.ts', `// one\n${source}\n`)).toEqual([{ specifier: 'm', line: 2 }])
})

test.each([
  ['a comment', `// import 'm'`],
  ['a string', `const a = "import 'm'"`],
  ['a name that is computed', `const a = await import(name)`],
  ['an export of its own', `export const a = 1`],
])('%s is none', (_, source) => {
  expect(readReferences('a.ts', source)).toEqual([])
})

test('source that does not parse is an error that names the file', () => {
  expect(() => readReferences('broken.ts', 'const = 1')).toThrow(/broken\.ts can't be parsed/)
})

test.each([
  ['zod/mini', 'zod'],
  ['@noble/hashes/sha2.js', '@noble/hashes'],
  ['koffi', 'koffi'],
])('%s belongs to %s', (specifier, name) => {
  expect(packageOf(specifier)).toBe(name)
})
