import type { Manifest } from '../workspace/workspace.ts'

/** What a new room is made from. */
export interface RoomPlan {
  /** The folder under packages/, and the name under @podwright/. */
  readonly name: string
  readonly layer: string
  /** One sentence. */
  readonly description: string
  /** The version that all packages have. */
  readonly version: string
}

/** What every published package has in common; what differs is its name, description, dependencies and further entries. */
export const sharedManifest: Manifest = {
  name: '',
  version: '',
  license: 'Apache-2.0',
  files: ['dist', 'src'],
  type: 'module',
  sideEffects: false,
  publishConfig: { access: 'public' },
  scripts: {
    build: 'tsdown',
    typecheck: 'tsc -p tsconfig.json',
    test: 'vitest run',
    pack: 'publint --strict && attw --pack . --profile esm-only',
  },
  engines: { node: '>=22.18' },
}

/** The conditions of an entry: its source for whoever works in this workspace, what was built for everybody else. */
export function entryOf(module: string): Readonly<Record<string, string>> {
  return { '@podwright/source': `./src/${module}.ts`, types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` }
}

/** The manifest of a new room, keys in the order of the others. */
export function manifestOfRoom(plan: RoomPlan): Manifest {
  const { license, files, type, sideEffects, publishConfig, scripts, engines } = sharedManifest
  const head = { name: `@podwright/${plan.name}`, version: plan.version, description: plan.description, license: license! }
  return {
    ...head,
    files: files!,
    type: type!,
    sideEffects: sideEffects!,
    exports: { '.': entryOf('index'), './package.json': './package.json' },
    publishConfig: publishConfig!,
    scripts: scripts!,
    dependencies: { '@podwright/conventions': plan.version },
    engines: engines!,
    nx: { tags: [`layer:${plan.layer}`] },
  }
}

/** The files of a new room by their path in it. It passes every check as it is. */
export function filesOfRoom(plan: RoomPlan): Readonly<Record<string, string>> {
  const noun = plan.name.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())
  const codes = `${noun[0]!.toLowerCase()}${noun.slice(1)}ErrorCodes`
  const prefix = `ERR_${plan.name.replaceAll('-', '_').toUpperCase()}`
  return {
    'package.json': `${JSON.stringify(manifestOfRoom(plan), null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify({ extends: '../../tsconfig.base.json', include: ['src', 'test', '*.config.ts'] }, null, 2)}\n`,
    'tsdown.config.ts': `export { default } from '../../tsdown.shared.ts'\n`,
    'vitest.config.ts': `export { default } from '../../vitest.shared.ts'\n`,
    'src/index.ts': `/**\n * ${plan.description}\n *\n * @packageDocumentation\n */\nexport { ${noun}Error, ${codes} } from './errors.ts'\n`,
    'src/errors.ts': errorsFile(noun, codes, prefix),
    'test/errors.test.ts': errorsTest(codes),
    'README.md': readme(plan, noun, prefix),
  }
}

function errorsFile(noun: string, codes: string, prefix: string): string {
  return `import { PodwrightError } from '@podwright/conventions'

/** The codes of this package's errors, with their meaning. */
export const ${codes} = {
  ${prefix}_NOT_FOUND: 'What was asked for does not exist.',
} as const

/** An error of this package. */
export class ${noun}Error extends PodwrightError<keyof typeof ${codes}> {}
`
}

function errorsTest(codes: string): string {
  return `import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ${codes} } from '../src/index.ts'

test('the README documents every error code, and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect([...new Set(readme.match(/ERR_[A-Z0-9_]+/g))].toSorted()).toEqual(Object.keys(${codes}).toSorted())
})
`
}

function readme(plan: RoomPlan, noun: string, prefix: string): string {
  const npmName = `@podwright/${plan.name}`
  return `# ${npmName}

${plan.description}

    npm install ${npmName} @podwright/conventions

<!-- example -->

\`\`\`ts
import { isPodwrightError } from '@podwright/conventions'
import { ${noun}Error } from '${npmName}'

const error = new ${noun}Error('${prefix}_NOT_FOUND', 'looking for it: it does not exist')
console.log(isPodwrightError(error, '${prefix}_NOT_FOUND'))
\`\`\`

## Errors

| code | meaning |
| --- | --- |
| \`${prefix}_NOT_FOUND\` | What was asked for does not exist. |
`
}
