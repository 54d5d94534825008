import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { entryOf, sharedManifest } from '../../anatomy/room.ts'
import { listSources, type Manifest, readWorkspace, workspaceRoot } from '../../workspace/workspace.ts'

const rooms = readWorkspace().packages.filter(({ directory }) => directory.startsWith('packages/'))
const libraries = rooms.filter(({ name }) => name.startsWith('@podwright/'))
const read = (...path: string[]): string => readFileSync(join(workspaceRoot, ...path), 'utf8')
const decisions = listSources(workspaceRoot, 'docs/decisions', ['.md']).map((file) => read(file))

describe.each(rooms)('$directory', ({ name, directory, manifest }) => {
  test('its manifest has what all of them have', () => {
    const { license, type, publishConfig, engines, scripts } = sharedManifest
    expect(manifest).toMatchObject({ license, type, publishConfig, engines })
    expect(manifest.scripts).toMatchObject({ typecheck: scripts?.['typecheck'], test: scripts?.['test'] })
    expect(Object.keys(manifest.scripts ?? {})).toEqual(expect.arrayContaining(['build', 'pack']))
    expect(manifest.files).toEqual(expect.arrayContaining(['dist']))
    expect(manifest.description).toMatch(/^[A-Z].*\.$/)
    expect(manifest.version).toBe(rooms[0]?.manifest.version)
  })

  test('it asks for its neighbours in their version, and for everything else in one exact version', () => {
    const versions = new Map(rooms.map((room) => [room.name, room.manifest.version]))
    for (const [dependency, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(range, dependency).toBe(versions.get(dependency) ?? /^\d+\.\d+\.\d+$/.exec(range)?.[0])
    }
  })

  test('it has its configuration, a source with a doc comment, and tests', () => {
    for (const file of ['tsconfig.json', 'tsdown.config.ts', 'vitest.config.ts', 'README.md']) {
      expect(existsSync(join(workspaceRoot, directory, file)), file).toBe(true)
    }
    expect(listSources(workspaceRoot, join(directory, 'test'), ['.test.ts']).length).toBeGreaterThan(0)
  })

  test('it brings its licence along, since each is published alone', () => {
    expect(read(directory, 'LICENSE')).toBe(read('LICENSE'))
  })

  test('its README names it and documents every error code, and no code that does not exist', () => {
    const readme = read(directory, 'README.md')
    expect(readme).toMatch(new RegExp(`^# ${name}$`, 'm'))
    const rows = readme.split('\n').flatMap((line) => /^\|\s*`(ERR_[A-Z0-9_]+)`/.exec(line)?.[1] ?? [])
    expect(rows.toSorted()).toEqual(errorCodesOf(directory).toSorted())
  })
})

describe.each(libraries)('$directory, a library', ({ directory, manifest, name }) => {
  test('its entries are its source here, and what was built elsewhere', () => {
    const { '.': main, './package.json': own, ...further } = manifest.exports ?? {}
    expect(main).toEqual(entryOf('index'))
    expect(own).toBe('./package.json')
    for (const [subpath, entry] of Object.entries(further)) {
      expect(entry).toEqual(entryOf(subpath.slice('./'.length)))
      const id = `${name}${subpath.slice('.'.length)}`
      expect(
        decisions.some((text) => text.includes(id)),
        `${id} needs a record in docs/decisions`,
      ).toBe(true)
    }
  })

  test('importing it does nothing by itself', () => {
    expect(sideEffectsOf(manifest)).not.toContain('index')
  })

  test('src/index.ts has a doc comment and re-exports names only', () => {
    const index = read(directory, 'src/index.ts')
    expect(index).toMatch(/^\/\*\*/)
    const code = index.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
    // Everything of a file is taken only where that file holds nothing but types.
    const rest = code.replaceAll(/export (type \*|(type )?\{[^}]*\}) from '\.\/[^']+\.ts'/g, '')
    expect(rest.trim()).toBe('')
  })

  test('its README has an example that runs, unless it is for a test runner', () => {
    const isForTests = manifest.peerDependencies?.['vitest'] !== undefined
    expect(read(directory, 'README.md')).toContain(isForTests ? '```ts' : '<!-- example -->')
  })
})

/** The keys of the package's tables of codes: `errors.ts`, and those of a concept that has its own. */
function errorCodesOf(directory: string): string[] {
  const lines = listSources(workspaceRoot, join(directory, 'src'), ['errors.ts']).flatMap((path) => read(path).split('\n'))
  return [...new Set(lines.flatMap((line) => /^ {2}(ERR_[A-Z0-9_]+):/.exec(line)?.[1] ?? []))]
}

/** The modules that are not free of side effects, by their name without directory and ending. */
function sideEffectsOf({ sideEffects }: Manifest): string[] {
  if (!Array.isArray(sideEffects)) return sideEffects === true ? ['index'] : []
  return sideEffects.map((file: string) => file.replace(/^.*\//, '').replace(/\.\w+$/, ''))
}
