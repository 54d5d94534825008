import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import { livingPause } from '@podwright/userns'
import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EngineParts } from '../../parts.ts'

/** Names in the data root that are the engine's own, but for its database. */
const ownNames: ReadonlySet<string> = new Set(['containers', 'rootfs', 'keeper.lock'])
const databaseFile = /^engine\.db(\.|-|$)/
/** The key of secrets, and what a kill leaves while it is made. */
const keyFile = /^secrets\.key(\.[0-9a-f]{8})?$/
const pauseFile = /^pause\.(json|json\.new|lock)$/

/** What is in the run root: locks, open secrets, compiled filters, sockets of transfers, and what runtimes know. */
const runName = /^(locks|images\.lock|secrets|seccomp|crun|runc|youki|volume-[0-9a-f]{12})$/

/** What was deleted, and what was not. */
export interface Deleted {
  readonly directories: readonly string[]
  readonly kept: readonly string[]
}

/**
 * Deletes what is the engine's in the run root and the data root, by name, then the directories if they are empty. The process that holds the user's namespaces
 * ends once the files that belong to mapped users are gone; the engine's database goes last, since it says whose the root is.
 */
export async function deleteOwn(parts: EngineParts, runtimes: readonly string[], options: AbortOptions): Promise<Deleted> {
  const { root, runRoot } = parts.paths
  const { eraseStorage } = await import('@podwright/storage')
  await eraseStorage({ namespace: await parts.namespace() }, { root, signal: options.signal })
  for (const name of readdirSync(root)) if (ownNames.has(name) || keyFile.test(name)) deleteTree(join(root, name))
  for (const name of entriesOf(runRoot)) if (isRunEntry(name, runtimes)) deleteTree(join(runRoot, name))
  endPause(root)
  for (const name of readdirSync(root)) if (pauseFile.test(name)) deleteTree(join(root, name))
  for (const name of readdirSync(root)) if (databaseFile.test(name)) deleteTree(join(root, name))
  return left([runRoot, root])
}

/** What would be deleted, and what would stay. */
export async function findOwn({ paths: { root, runRoot } }: EngineParts, runtimes: readonly string[]): Promise<Deleted> {
  const { isStorageEntry } = await import('@podwright/storage')
  const isRootEntry = (name: string): boolean =>
    ownNames.has(name) || keyFile.test(name) || pauseFile.test(name) || databaseFile.test(name) || isStorageEntry(name)
  const kept = [
    ...entriesOf(runRoot)
      .filter((name) => !isRunEntry(name, runtimes))
      .map((name) => join(runRoot, name)),
    ...entriesOf(root)
      .filter((name) => !isRootEntry(name))
      .map((name) => join(root, name)),
  ]
  const isGone = (directory: string): boolean =>
    lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true && !kept.some((path) => dirname(path) === directory)
  return { directories: [runRoot, root].filter(isGone), kept }
}

function isRunEntry(name: string, runtimes: readonly string[]): boolean {
  return runName.test(name) || runtimes.includes(name)
}

/** A link is deleted, not followed. */
function deleteTree(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

function endPause(root: string): void {
  const pause = livingPause(root)
  if (pause === undefined) return
  try {
    process.kill(pause.pid, 'SIGKILL')
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error
  }
}

/** The directories themselves: one that a link leads to, that is mounted, or that has something else in it stays. */
function left(directories: readonly string[]): Deleted {
  const kept = directories.flatMap((directory) => entriesOf(directory).map((name) => join(directory, name)))
  const gone = directories.filter((directory) => entriesOf(directory).length === 0 && removeDirectory(directory))
  return { directories: gone, kept: kept.filter((path) => !gone.includes(path)) }
}

function removeDirectory(directory: string): boolean {
  if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return false
  try {
    rmdirSync(directory)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EBUSY' || systemCodeOf(error) === 'EACCES' || systemCodeOf(error) === 'ENOTEMPTY') return false
    throw error
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}
