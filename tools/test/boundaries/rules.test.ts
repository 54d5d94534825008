import { describe, expect, test } from 'vitest'
import { readImportGraph } from '../../boundaries/graph.ts'
import type { BoundaryPolicy } from '../../boundaries/policy.ts'
import { type BoundaryRule, findViolations } from '../../boundaries/rules.ts'
import { readWorkspace } from '../../workspace/workspace.ts'
import { createFixtureWorkspace, type FixtureFiles, manifest } from './fixture-workspace.ts'

const policy: BoundaryPolicy = {
  layers: [
    { name: 'base', order: ['base-a', 'base-b'] },
    { name: 'block', below: ['base'] },
    { name: 'engine', below: ['base', 'block'] },
    { name: 'app', below: ['base', 'engine'], isBundled: true },
    { name: 'workspace', isInternal: true },
  ],
  thirdParty: { 'block-x': ['allowed'], app: ['allowed'] },
}

/** A workspace that keeps every rule; each case below changes it in one place. */
const sound: FixtureFiles = {
  'packages/base-a/package.json': manifest('base-a', 'base'),
  'packages/base-a/src/index.ts': `export { a } from './a.ts'`,
  'packages/base-a/src/a.ts': `import { sep } from 'node:path'\nexport const a: string = sep`,
  'packages/base-b/package.json': manifest('base-b', 'base', { dependencies: { 'base-a': '1.0.0' } }),
  'packages/base-b/src/index.ts': `export type { a } from 'base-a'`,
  'packages/block-x/package.json': manifest('block-x', 'block', { dependencies: { 'base-b': '1.0.0', allowed: '1.0.0' } }),
  'packages/block-x/src/index.ts': `import 'base-b'\nexport const load = () => import('allowed/part.js')`,
  'packages/block-x/test/index.test.ts': `import { test } from 'vitest'\nimport '../src/index.ts'`,
  'packages/block-y/package.json': manifest('block-y', 'block', { dependencies: { 'base-a': '1.0.0' } }),
  'packages/block-y/src/index.ts': `export type A = import('base-a').a`,
  'packages/engine/package.json': manifest('engine', 'engine', { dependencies: { 'block-x': '1.0.0', 'block-y': '1.0.0' } }),
  'packages/engine/src/index.ts': `import 'block-x'\nimport 'block-y'`,
}

function check(files: FixtureFiles): readonly { readonly rule: BoundaryRule; readonly where: string; readonly message: string }[] {
  using workspace = createFixtureWorkspace(files)
  return findViolations(readImportGraph(readWorkspace(workspace.root)), policy)
}

test('a sound workspace has no breach', () => {
  expect(check(sound)).toEqual([])
})

interface Case {
  readonly title: string
  readonly rule: BoundaryRule
  readonly where: string
  readonly change: FixtureFiles
}

const blockX = { dependencies: { 'base-b': '1.0.0', allowed: '1.0.0' } }

const cases: readonly Case[] = [
  {
    title: 'an import of a higher layer',
    rule: 'upward',
    where: 'packages/block-y/src/index.ts:2',
    change: {
      'packages/block-y/src/index.ts': `import 'base-a'\nimport 'engine'`,
      'packages/engine/package.json': manifest('engine', 'engine', { dependencies: { 'block-x': '1.0.0' } }),
      'packages/engine/src/index.ts': `import 'block-x'`,
    },
  },
  {
    title: 'an import of a room beside',
    rule: 'upward',
    where: 'packages/block-y/src/index.ts:2',
    change: { 'packages/block-y/src/index.ts': `import 'base-a'\nexport type { load } from 'block-x'` },
  },
  {
    title: 'a dependency on a room beside, in the manifest alone',
    rule: 'upward',
    where: 'packages/block-y/package.json',
    change: { 'packages/block-y/package.json': manifest('block-y', 'block', { dependencies: { 'base-a': '1.0.0', 'block-x': '1.0.0' } }) },
  },
  {
    title: 'a base room that imports one after it',
    rule: 'upward',
    where: 'packages/base-a/src/a.ts:1',
    change: {
      'packages/base-a/src/a.ts': `export type { B } from 'base-b'`,
      'packages/base-b/package.json': manifest('base-b', 'base'),
      'packages/base-b/src/index.ts': `export type B = 1`,
    },
  },
  {
    title: 'an import that the manifest does not declare',
    rule: 'undeclared',
    where: 'packages/block-y/src/index.ts:2',
    change: { 'packages/block-y/src/index.ts': `import 'base-a'\nimport 'base-b'` },
  },
  {
    title: 'a development dependency imported by what ships',
    rule: 'undeclared',
    where: 'packages/block-y/src/index.ts:2',
    change: { 'packages/block-y/src/index.ts': `import 'base-a'\nimport 'vitest'` },
  },
  {
    title: 'a test that imports what nobody declares',
    rule: 'undeclared',
    where: 'packages/block-x/test/index.test.ts:1',
    change: { 'packages/block-x/test/index.test.ts': `import 'sinon'` },
  },
  {
    title: 'a dependency that nothing imports',
    rule: 'unused',
    where: 'packages/block-x/package.json',
    change: { 'packages/block-x/src/index.ts': `import 'base-b'` },
  },
  {
    title: 'a relative import into another package',
    rule: 'relative',
    where: 'packages/block-y/src/index.ts:2',
    change: { 'packages/block-y/src/index.ts': `import 'base-a'\nimport '../../block-x/src/index.ts'` },
  },
  {
    title: 'a relative import out of a test',
    rule: 'relative',
    where: 'packages/block-x/test/index.test.ts:1',
    change: { 'packages/block-x/test/index.test.ts': `import { a } from '../../base-a/src/a.ts'` },
  },
  {
    title: 'a path inside another package',
    rule: 'subpath',
    where: 'packages/block-y/src/index.ts:1',
    change: { 'packages/block-y/src/index.ts': `import 'base-a/src/a.ts'` },
  },
  {
    title: 'a third-party dependency that is not on the list',
    rule: 'third-party',
    where: 'packages/block-x/package.json',
    change: {
      'packages/block-x/package.json': manifest('block-x', 'block', { dependencies: { ...blockX.dependencies, 'left-pad': '1.0.0' } }),
      'packages/block-x/src/index.ts': `import 'base-b'\nimport 'allowed'\nimport 'left-pad'`,
    },
  },
  {
    title: 'a package without a layer',
    rule: 'layer',
    where: 'packages/block-y/package.json',
    change: { 'packages/block-y/package.json': { name: 'block-y', version: '1.0.0', dependencies: { 'base-a': '1.0.0' } } },
  },
  {
    title: 'a package with a layer that does not exist',
    rule: 'layer',
    where: 'packages/block-y/package.json',
    change: { 'packages/block-y/package.json': manifest('block-y', 'attic', { dependencies: { 'base-a': '1.0.0' } }) },
  },
]

describe('each breach is found where it is, and nothing else', () => {
  test.each(cases)('$rule: $title', ({ rule, where, change }) => {
    const found = check({ ...sound, ...change })
    expect(found.map((violation) => ({ rule: violation.rule, where: violation.where }))).toEqual([{ rule, where }])
  })

  test('cycle: two packages whose tests need each other', () => {
    const found = check({
      ...sound,
      'packages/block-x/package.json': manifest('block-x', 'block', { ...blockX, devDependencies: { 'block-y': '1.0.0' } }),
      'packages/block-y/package.json': manifest('block-y', 'block', {
        dependencies: { 'base-a': '1.0.0' },
        devDependencies: { 'block-x': '1.0.0' },
      }),
    })
    expect(found.map(({ rule, message }) => ({ rule, message }))).toEqual([{ rule: 'cycle', message: 'block-x → block-y → block-x' }])
  })
})

describe('tests may import more', () => {
  test('a room beside, when it is a development dependency', () => {
    const found = check({
      ...sound,
      'packages/block-x/package.json': manifest('block-x', 'block', { ...blockX, devDependencies: { 'block-y': '1.0.0' } }),
      'packages/block-x/test/index.test.ts': `import 'block-y'`,
    })
    expect(found).toEqual([])
  })

  test('fixtures are not looked at', () => {
    expect(check({ ...sound, 'packages/block-x/test/fixtures/odd.ts': `import '../../../nowhere.ts'` })).toEqual([])
  })
})

describe('a package that is bundled', () => {
  const app = (more: object, source: string): FixtureFiles => ({
    ...sound,
    'packages/app/package.json': manifest('app', 'app', more),
    'packages/app/src/index.ts': source,
  })

  test('ships its development dependencies inside, and what its neighbours need at run time', () => {
    const manifests = { devDependencies: { engine: '1.0.0' }, dependencies: { allowed: '1.0.0' } }
    expect(check(app(manifests, `import 'engine'`))).toEqual([])
  })

  test('may not ship what is not on its list', () => {
    const found = check(app({ devDependencies: { engine: '1.0.0', vitest: '5' } }, `import 'engine'\nimport 'vitest'`))
    expect(found.map(({ rule }) => rule)).toEqual(['third-party'])
  })
})

describe('configuration and the workshop', () => {
  test('a configuration may import the shared files at the root', () => {
    const file = `export { default } from '../../vitest.shared.ts'`
    expect(check({ ...sound, 'packages/block-x/vitest.config.ts': file })).toEqual([])
  })

  test('a package of the workshop may use what the workspace declares', () => {
    const found = check({
      ...sound,
      'packages/workshop/package.json': manifest('workshop', 'workspace', { private: true }),
      'packages/workshop/main.ts': `import 'vitest'`,
    })
    expect(found).toEqual([])
  })
})

test.each([
  ['no package at all', {}],
  ['packages whose sources are elsewhere', { 'packages/base-a/package.json': manifest('base-a', 'base') }],
] as const)('an empty graph is a breach: %s', (_, files) => {
  expect(check(files).map((violation) => violation.rule)).toEqual(['empty-graph'])
})
