import { type ExampleRegistries, startExampleRegistries } from '@podwright/e2e/example-registries'
import { extractExamples, importedPackages, installedPackages } from '@podwright/e2e/examples'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runExample } from '../../documents/run-example.ts'
import { readWorkspace, workspaceRoot } from '../../workspace/workspace.ts'

const rooms = readWorkspace().packages.filter(({ directory }) => directory.startsWith('packages/'))
const documents = ['.', ...rooms.map(({ directory }) => directory)]
  .map((directory) => ({ directory, readme: join(directory, 'README.md') }))
  .filter(({ readme }) => existsSync(join(workspaceRoot, readme)))
const examples = documents.flatMap(({ directory, readme }) =>
  extractExamples(readFileSync(join(workspaceRoot, readme), 'utf8')).map((example) => ({ directory, readme, line: example.line, example })),
)

describe('the examples of the READMEs run', () => {
  let registries: ExampleRegistries
  beforeAll(async () => {
    registries = await startExampleRegistries()
  })
  afterAll(async () => {
    await registries?.[Symbol.asyncDispose]()
  })

  test.each(examples)('$readme:$line', { timeout: 90_000 }, async ({ directory, example }) => {
    const { code, output } = await runExample(example, join(workspaceRoot, directory), { env: registries.env })
    expect(code, output).toBe(0)
  })
})

describe('extractExamples', () => {
  test('takes the marked blocks only, with the line of their code', () => {
    const text = [
      '# a',
      '```ts',
      'no()',
      '```',
      '<!-- example -->',
      '```ts',
      'one()',
      'more()',
      '```',
      '<!-- example -->',
      '',
      '```ts',
      'two()',
      '```',
    ]
    expect(extractExamples(text.join('\n'))).toEqual([
      { number: 1, line: 7, code: 'one()\nmore()\n' },
      { number: 2, line: 13, code: 'two()\n' },
    ])
  })

  test.each([
    ['text after the mark', '<!-- example -->\ntext'],
    ['another language', '<!-- example -->\n```sh\nls\n```'],
    ['a block that is not closed', '<!-- example -->\n```ts\none()'],
  ])('refuses %s', (_, text) => {
    expect(() => extractExamples(text)).toThrow(/line/)
  })
})

test('installedPackages takes the lines that begin with npm install, and no flags', () => {
  const text = ['# a', '    npm install --save-dev @podwright/a b', 'npm install c', '    npm install b @podwright/d', '    npm run e']
  expect(installedPackages(text.join('\n'))).toEqual(['@podwright/a', 'b', '@podwright/d'])
})

test('importedPackages takes the packages of imports, whatever module of them is meant', () => {
  const code = [
    `import { a } from '@podwright/a'`,
    `import b from 'b/c'`,
    `import { join } from 'node:path'`,
    `await import('@podwright/d/e')`,
  ]
  expect(importedPackages({ number: 1, line: 1, code: code.join('\n') })).toEqual(['@podwright/a', 'b', '@podwright/d'])
})

describe('runExample', () => {
  const room = join(workspaceRoot, 'packages/conventions')

  test('reports an example that throws', async () => {
    const { code, output } = await runExample({ number: 90, line: 1, code: `throw new Error('on purpose')` }, room)
    expect(code).toBe(1)
    expect(output).toContain('on purpose')
  })

  test('ends an example that does not', async () => {
    const { code } = await runExample({ number: 91, line: 1, code: `setInterval(() => {}, 1000)` }, room, { timeoutMs: 1000 })
    expect(code).toBeNull()
  })
})
