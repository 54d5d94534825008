import { tryLockFile } from '@podwright/linux'
import { readdirSync, readFileSync } from 'node:fs'
import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'
import { removeControlGroups } from './control-groups.ts'
import { disconnect } from './disconnect.ts'
import { containerFiles } from './files.ts'
import { releaseMounts } from './release-mounts.ts'
import { dropLock } from './state-lock.ts'

/** How long the killed may take to be gone. */
const patienceMs = 2_000

/**
 * Brings a container whose start was interrupted by a crash back to where it was before it: ends the monitor, and the runtime that may still
 * be making the container, which no row knows the pids of. Nothing happens while somebody is at work on the container.
 */
export async function recoverInterrupted(parts: EngineParts, id: string): Promise<void> {
  const store = await parts.store()
  const row = store.find(id)
  if (row === undefined || !isInterrupted(row)) return
  using lock = tryLockFile(containerFiles(parts.paths, id).stateLock)
  if (lock === undefined) return
  if (store.find(id) === undefined) dropLock(lock)
  else await recoverLocked(parts, id)
}

/** The same for who holds the state lock: whoever was starting the container is dead then. */
export async function recoverLocked(parts: EngineParts, id: string): Promise<void> {
  const store = await parts.store()
  const row = store.get(id)
  if (row === undefined || !isInterrupted(row)) return
  await endProcesses(parts, containerFiles(parts.paths, id).directory)
  const pair = await parts.runtime(row.runtime || undefined)
  await pair.runtime.delete(id, { force: true }).catch(() => undefined)
  if (pair.cgroups === 'enabled') await removeControlGroups(parts, row, pair)
  await disconnect(parts, row).catch(() => undefined)
  await releaseMounts(parts, store.require(id)).catch(() => undefined)
  // A restart that was interrupted is still due.
  const back = row.keeping?.restartAt === undefined ? ({ status: 'created', desired: 'created' } as const) : ({ status: 'exited' } as const)
  await store.update(id, { ...back, error: 'its start was interrupted' })
}

/** A start has been begun, and its pids are not recorded: it is on its way, or was interrupted. */
export function isInterrupted(row: ContainerRow): boolean {
  return row.status === 'initialized' && row.pid === 0
}

/** A look at every process, after such a crash only; again, since what is killed may just have started another. */
export async function endProcesses(parts: EngineParts, bundle: string): Promise<void> {
  const deadline = parts.clock.now() + patienceMs
  for (let left = processesWithBundle(bundle); left.length > 0 && parts.clock.now() < deadline; left = processesWithBundle(bundle)) {
    for (const pid of left) kill(pid)
    await parts.clock.sleep(5)
  }
}

/**
 * Waits for the clean-ups that monitors have started, or are about to, also of containers that nothing is known of any more; not for ever. No container may
 * be running: its monitor has the clean-up on its command line, too.
 *
 * @param ids containers whose clean-up may be another installation's
 */
export async function awaitCleanups({ clock, entries, paths }: EngineParts, ids: readonly string[]): Promise<void> {
  const isCleanup = (line: string): boolean => line.includes(paths.runRoot) && [entries.cleanup, ...ids].some((word) => line.includes(word))
  const deadline = clock.now() + patienceMs
  while (processIds().some((pid) => isCleanup(commandLine(pid))) && clock.now() < deadline) await clock.sleep(10)
}

/** Monitors and runtimes name the bundle on their command lines, and so does what wraps them; clients of ours don't. */
export function processesWithBundle(bundle: string): number[] {
  return processIds()
    .filter((pid) => commandLine(pid).includes(`\0--bundle\0${bundle}\0`))
    .map(Number)
}

function processIds(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone in the meantime.
  }
}
