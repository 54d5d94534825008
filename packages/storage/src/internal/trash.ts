import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type { NamespaceExecutor } from '@podwright/contracts'
import { renameSync } from 'node:fs'
import { removeTree } from '../tasks/remove.ts'
import { removeTask } from '../tasks/tasks.ts'
import type { Store } from './store.ts'

/** Gives something the name of garbage; undefined when it isn't there. */
export function moveToTrash(store: Store, path: string): string | undefined {
  const trashed = store.paths.trash()
  try {
    renameSync(path, trashed)
    return trashed
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Moves trees away and deletes them. */
export async function discard(store: Store, paths: readonly string[], options: AbortOptions = {}): Promise<void> {
  const trashed = paths.map((path) => moveToTrash(store, path)).filter((path) => path !== undefined)
  await deleteTrees(store.namespace, trashed, options)
}

/** Deletes trees: from here as far as files can be deleted from outside the namespace, the rest inside. */
export async function deleteTrees(namespace: NamespaceExecutor, paths: readonly string[], options: AbortOptions = {}): Promise<void> {
  const refused: string[] = []
  for (const path of paths) {
    try {
      await removeTree(path, options)
    } catch (error) {
      if (!namespace.rootless || !isRefusal(error)) throw error
      refused.push(path)
    }
  }
  if (refused.length > 0) await namespace.run(removeTask, { paths: refused }, options)
}

function isRefusal(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'EACCES' || code === 'EPERM'
}
