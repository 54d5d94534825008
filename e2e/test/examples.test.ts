import { execFile } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type ExampleRegistries, startExampleRegistries } from '../harness/example-registries.ts'
import { type Example, extractExamples, importedPackages, installedPackages } from '../harness/examples.ts'
import { createProject } from '../harness/project.ts'
import { asRole, type Role } from '../harness/role.ts'
import { asEachRole } from '../harness/roles-suite.ts'
import { start } from '../harness/run.ts'
import type { Sandbox } from '../harness/sandbox.ts'

/** A README with examples, and the packages that it tells its reader to install. */
interface Readme {
  readonly name: string
  readonly packages: readonly string[]
  readonly examples: readonly Example[]
}

const workspace = fileURLToPath(new URL('../..', import.meta.url))
const readmes = readdirSync(join(workspace, 'packages'))
  .map((folder) => readReadme(folder, join('packages', folder, 'README.md')))
  .concat(readReadme('podwright', 'README.md'))
  .filter(({ examples }) => examples.length > 0)
const cases = readmes.flatMap(({ name, examples }) => examples.map((example) => ({ name, line: example.line, example })))

/** Where each README's project is. */
const projects = new Map<string, string>()
let registries: ExampleRegistries

beforeAll(async () => {
  registries = await startExampleRegistries()
  const waiting = [...readmes]
  const install = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) projects.set(next.name, await makeProject(next))
  }
  await Promise.all([install(), install(), install()])
}, 600_000)

afterAll(async () => {
  await registries?.[Symbol.asyncDispose]()
})

// As a reader would try them: in an npm project that depends on what the README says to install, and on nothing else.
test.each(cases)('$name, line $line imports only what its README tells to install', ({ name, example }) => {
  const { packages } = readmes.find((readme) => readme.name === name)!
  expect(packages).toEqual(expect.arrayContaining([...importedPackages(example)]))
})

test.each(readmes)('the examples of $name are well typed against what is packed', async ({ name }) => {
  const flags = [
    '--noEmit',
    '--strict',
    '--target',
    'es2024',
    '--lib',
    'es2024,esnext.disposable',
    '--module',
    'nodenext',
    '--types',
    'node',
  ]
  const typeRoots = ['--typeRoots', join(workspace, 'node_modules/@types')]
  const directory = projects.get(name)!
  const files = readdirSync(directory).filter((file) => file.endsWith('.ts'))
  const check = promisify(execFile)('tsc', [...flags, ...typeRoots, ...files], { cwd: directory })
  await expect(
    check.then(
      ({ stdout }) => stdout,
      (error: { readonly stdout: string }) => error.stdout,
    ),
  ).resolves.toBe('')
})

asEachRole(({ role, sandbox }) => {
  test.each(cases)('the example of $name, line $line, runs and leaves nothing behind', async ({ name, example }) => {
    const { node } = inject('installation')
    const { cwd, temporary } = scratchOf(role, sandbox(), `${name}-${example.number}`)
    const env = { ...sandbox().env, ...registries.env, TMPDIR: temporary }
    const file = join(projects.get(name)!, fileOf(example))
    const { code, stdout, stderr } = await start([...asRole(role), node, file], env, { cwd }).result
    expect(code, `${stdout}\n${stderr}`).toBe(0)
    expect(stderr).toBe('')
    expect([...readdirSync(cwd), ...readdirSync(temporary)]).toEqual([])
  })
})

function readReadme(name: string, path: string): Readme {
  const text = readFileSync(join(workspace, path), 'utf8')
  return { name, packages: installedPackages(text), examples: extractExamples(text) }
}

async function makeProject({ name, packages, examples }: Readme): Promise<string> {
  const { directory } = await createProject(inject('installation'), name, packages)
  for (const example of examples) writeFileSync(join(directory, fileOf(example)), example.code)
  return directory
}

function fileOf({ number }: Example): string {
  return `example-${number}.ts`
}

/** A directory to run in and one for temporary files, the role's own. */
function scratchOf(role: Role, { directory }: Sandbox, name: string): { readonly cwd: string; readonly temporary: string } {
  const scratch = mkdtempSync(join(directory, `${name}-`))
  const [cwd, temporary] = [join(scratch, 'cwd'), join(scratch, 'tmp')]
  for (const path of [scratch, cwd, temporary]) {
    mkdirSync(path, { recursive: true })
    chownSync(path, role.uid, role.gid)
  }
  return { cwd, temporary }
}
