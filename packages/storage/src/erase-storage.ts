import type { AbortOptions } from '@podwright/conventions'
import type { NamespaceExecutor } from '@podwright/contracts'
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { directories } from './internal/paths.ts'
import { deleteTrees } from './internal/trash.ts'

const databaseFile = /^storage\.db(\.|-|$)/

/** What of the names in a root is a storage's, or its volumes'. */
export function isStorageEntry(name: string): boolean {
  return name === 'volumes' || (Object.values(directories) as readonly string[]).includes(name) || databaseFile.test(name)
}

/**
 * Deletes everything that a storage and its volumes keep below a root; the root itself, and what is not theirs, stays. Links are deleted, never followed. A directory
 * that something is mounted on is emptied, and stays. Nothing may be mounted any deeper, and nobody may use the storage: the caller sees to both.
 *
 * The databases go last, so that a root half of which is deleted is still known by them.
 */
export async function eraseStorage(
  { namespace }: { readonly namespace: NamespaceExecutor },
  { root, ...options }: AbortOptions & { readonly root: string },
): Promise<void> {
  const names = readdirSync(root).filter(isStorageEntry)
  const trees = names.filter((name) => !databaseFile.test(name)).flatMap((name) => treesOf(root, name))
  await deleteTrees(namespace, trees, options)
  for (const name of names.filter((other) => databaseFile.test(other))) rmSync(join(root, name), { force: true })
}

function treesOf(root: string, name: string): string[] {
  const path = join(root, name)
  const found = lstatSync(path)
  if (!found.isDirectory() || found.dev === lstatSync(root).dev) return [path]
  return readdirSync(path).map((entry) => join(path, entry))
}
