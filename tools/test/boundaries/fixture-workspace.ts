import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files by path; an object is written as JSON. */
export type FixtureFiles = Readonly<Record<string, string | object>>

/** A workspace on disk, gone when it is disposed of. */
export interface FixtureWorkspace extends Disposable {
  readonly root: string
}

/** The manifest of a fixture's package. */
export function manifest(name: string, layer: string, more: object = {}): object {
  return { name, version: '1.0.0', exports: { '.': './src/index.ts' }, nx: { tags: [`layer:${layer}`] }, ...more }
}

/** Writes `files` below a new directory, with a root manifest that has `packages/*`. */
export function createFixtureWorkspace(files: FixtureFiles): FixtureWorkspace {
  const root = mkdtempSync(join(tmpdir(), 'podwright-fixture-'))
  const all: FixtureFiles = {
    'package.json': { name: 'fixture', workspaces: ['packages/*'], devDependencies: { vitest: '5' } },
    'packages/.keep': '',
    ...files,
  }
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}
