import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'

interface PackedManifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

const { node, modules } = inject('installation')
const scope = join(modules, '@podwright')
const packages = readdirSync(scope).map((name) => JSON.parse(readFileSync(join(scope, name, 'package.json'), 'utf8')) as PackedManifest)

// As whoever installs one from npm: no workspace, no condition that leads to the source.
describe.each(packages)('$name, packed', ({ name, exports }) => {
  test('is imported by its name, and does nothing by that', () => {
    const script = `const found = await import('${name}'); console.log(Object.keys(found).length)`
    const output = execFileSync(node, ['--input-type=module', '-e', script], {
      cwd: modules,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(output).toMatch(/^\d+\n$/)
  })

  test('holds its README and its licence', () => {
    expect(readFileSync(join(modules, name, 'README.md'), 'utf8')).toContain(`# ${name}`)
    expect(readFileSync(join(modules, name, 'LICENSE'), 'utf8')).toMatch(/Apache License/)
  })

  test('holds every file that its exports name', () => {
    const files = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)))
    for (const file of files) expect(() => readFileSync(join(modules, name, file)), file).not.toThrow()
  })
})

describe('the command, as npm links it', () => {
  const podwright = (...args: readonly string[]): { readonly status: number | null; readonly stderr: string } =>
    spawnSync(join(modules, '.bin/podwright'), args, { encoding: 'utf8', env: { PATH: `${dirname(node)}:/usr/bin:/bin` } })

  test('is the one that the other tests run', () => {
    expect(podwright('--version')).toMatchObject({ status: 0, stderr: '' })
  })

  // Node has a flag of that name, and looks for it behind the name of the script, too.
  test('reads --env-file itself: Node neither takes its variables nor ends for want of it', () => {
    expect(podwright('run', '--env-file', '/nonexistent', 'hello')).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/^Error: /),
    })
    const directory = mkdtempSync(join(tmpdir(), 'podwright-env-'))
    const file = join(directory, 'container.env')
    writeFileSync(file, 'NODE_OPTIONS=--require /nonexistent.js\n')
    const { status, stderr } = podwright('run', '--env-file', file)
    rmSync(directory, { recursive: true })
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringContaining('needs at least 1 argument') })
  })
})
