import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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
