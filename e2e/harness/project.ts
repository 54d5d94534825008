import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './install.ts'

/** An npm project of its own, as a reader of a README would make it. */
export interface Project {
  readonly directory: string
}

interface PackedManifest {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const scope = '@podwright/'

/**
 * Makes a project that depends on packages as they are packed. What those need of their neighbours comes packed, too, as an override: no registry has it.
 *
 * @param name of its directory
 * @param packages by their npm names; ours and others
 */
export async function createProject(installation: Installation, name: string, packages: readonly string[]): Promise<Project> {
  const directory = join(installation.directory, 'projects', name)
  mkdirSync(directory, { recursive: true })
  const ours = packages.filter((wanted) => wanted.startsWith(scope))
  const foreign = packages.filter((wanted) => !wanted.startsWith(scope))
  const below = neighboursOf(installation, ours).filter((neighbour) => !packages.includes(neighbour))
  const packed = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((wanted) => [wanted, `file:${tarballOf(installation, wanted)}`]))
  const manifest = {
    name: `example-${name}`,
    private: true,
    type: 'module',
    dependencies: { ...packed(ours), ...Object.fromEntries(foreign.map((wanted) => [wanted, '*'])) },
    overrides: packed(below),
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest, undefined, 2))
  // What packages of others it needs was fetched when the command was installed.
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await promisify(execFile)('npm', ['install', ...flags], { cwd: directory })
  return { directory }
}

/** All of our packages that some need, directly or not, themselves left out. */
function neighboursOf(installation: Installation, names: readonly string[]): readonly string[] {
  const found = new Set<string>()
  const visit = (name: string): void => {
    const { dependencies = {} } = manifestOf(installation, name)
    for (const dependency of Object.keys(dependencies).filter((key) => key.startsWith(scope) && !found.has(key))) {
      found.add(dependency)
      visit(dependency)
    }
  }
  for (const name of names) visit(name)
  return [...found]
}

function tarballOf(installation: Installation, name: string): string {
  const { version } = manifestOf(installation, name)
  const file = join(installation.tarballs, `${name.slice(1).replace('/', '-')}-${version}.tgz`)
  if (!existsSync(file)) throw new Error(`there is no pack of ${name}: ${file}`)
  return file
}

function manifestOf({ modules }: Installation, name: string): PackedManifest {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as PackedManifest
}
