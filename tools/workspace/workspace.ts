import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The parts of a package.json that the tools read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly private?: boolean
  readonly license?: string
  readonly type?: string
  readonly files?: readonly string[]
  readonly sideEffects?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly engines?: Readonly<Record<string, string>>
  readonly publishConfig?: Readonly<Record<string, unknown>>
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly nx?: { readonly tags?: readonly string[] }
}

/** One package of the workspace. */
export interface WorkspacePackage {
  /** Its npm name. */
  readonly name: string
  /** Its directory, relative to the workspace: `packages/oci`. */
  readonly directory: string
  readonly manifest: Manifest
}

/** The workspace: where it is, and its packages in the order of their directories. */
export interface Workspace {
  readonly root: string
  readonly packages: readonly WorkspacePackage[]
}

/** The directory of this workspace. */
export const workspaceRoot: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Reads the manifest in `directory`. @throws when there is none or it isn't JSON. */
export function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest
}

/** Reads the packages that the `workspaces` of the root manifest name. */
export function readWorkspace(root: string = workspaceRoot): Workspace {
  const patterns = readManifest(root).workspaces ?? []
  const packages = patterns
    .flatMap((pattern) => directoriesOf(root, pattern))
    .map((directory) => ({ directory, manifest: readManifest(join(root, directory)) }))
    .map(({ directory, manifest }) => ({ name: manifest.name, directory, manifest }))
  return { root, packages: packages.toSorted((a, b) => (a.directory < b.directory ? -1 : 1)) }
}

function directoriesOf(root: string, pattern: string): string[] {
  if (!pattern.endsWith('/*')) return hasManifest(root, pattern) ? [pattern] : []
  const parent = pattern.slice(0, -2)
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(parent, entry.name))
    .filter((directory) => hasManifest(root, directory))
}

function hasManifest(root: string, directory: string): boolean {
  return readdirSync(join(root, directory)).includes('package.json')
}

/** The files below `directory` whose name ends in one of `endings`, relative to `root`, sorted; neither built nor installed ones. */
export function listSources(root: string, directory: string, endings: readonly string[] = ['.ts']): string[] {
  const skipped = new Set(['node_modules', 'dist', 'coverage', '.cache', '.nx', '.git'])
  const found: string[] = []
  const visit = (current: string): void => {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name)
      if (entry.isDirectory() && !skipped.has(entry.name)) visit(path)
      else if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) found.push(relative(root, path))
    }
  }
  visit(join(root, directory))
  return found.toSorted()
}
