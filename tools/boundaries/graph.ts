import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { listSources, readManifest, type Manifest, type Workspace, type WorkspacePackage } from '../workspace/workspace.ts'
import { type ModuleReference, readReferences } from './imports.ts'

/** A reference, with the file that it stands in. */
export interface FoundReference extends ModuleReference {
  /** Relative to the workspace. */
  readonly file: string
  /** Whether the file ships: it lies in `src/`. Tests, fixtures and configuration don't. */
  readonly ships: boolean
}

/** A package with all that its files import. */
export interface PackageNode {
  readonly package: WorkspacePackage
  readonly references: readonly FoundReference[]
}

/** The workspace as it really is: packages, and what their files import. */
export interface ImportGraph {
  readonly root: string
  readonly rootManifest: Manifest
  readonly nodes: readonly PackageNode[]
}

/** Reads every source file of every package. */
export function readImportGraph(workspace: Workspace): ImportGraph {
  const nodes = workspace.packages.map((entry) => ({ package: entry, references: referencesOf(workspace.root, entry) }))
  return { root: workspace.root, rootManifest: readManifest(workspace.root), nodes }
}

function referencesOf(root: string, entry: WorkspacePackage): FoundReference[] {
  const isWorkshop = entry.manifest.private === true
  return listSources(root, entry.directory)
    .filter((file) => !isFixture(entry, file))
    .flatMap((file) => {
      const ships = isWorkshop || file.startsWith(join(entry.directory, 'src/'))
      return readReferences(file, readFileSync(join(root, file), 'utf8')).map((reference) => ({ ...reference, file, ships }))
    })
}

/** Fixtures may be anything, also what breaks the rules on purpose. */
function isFixture(entry: WorkspacePackage, file: string): boolean {
  return relative(entry.directory, file).split('/').includes('fixtures')
}

/** The workspace-relative path that a relative specifier leads to. */
export function targetOf(reference: FoundReference): string {
  return join(dirname(reference.file), reference.specifier)
}
