import { readProcessStat, spawnProcess, tryLockFile } from '@podwright/linux'
import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { entryArguments } from '../entries.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'
import { keeperLock, keeperMark } from './keeper-lock.ts'

/** Less than Node takes by itself, for a program that mostly sleeps. */
const nodeFlags = ['--max-semi-space-size=1', '--max-old-space-size=128', '--v8-pool-size=0', '--no-warnings']

/** Whether somebody has to look after a container now. */
export function needsKeeper({ keeping, rotation, desired, status }: ContainerRow): boolean {
  if (rotation !== undefined && (status === 'running' || status === 'paused')) return true
  if (keeping === undefined || desired !== 'running' || status === 'created' || status === 'removing') return false
  return keeping.restart !== undefined || keeping.health?.nextAt !== undefined
}

/**
 * Has a keeper look, where one is needed: the one that lives, or a new one. What it is to see must be committed before: it gives its lock back before it looks for the last time,
 * so that either it sees the change, or we see no lock.
 */
export function callKeeper(parts: EngineParts, row: ContainerRow | undefined): void {
  if (row !== undefined && needsKeeper(row) && !startKeeper(parts)) {
    const now = new Date()
    utimesSync(keeperLock(parts.paths), now, now)
  }
}

/** Starts a keeper where there is none; whether it did. It is started outside of any container's namespaces, so not by a monitor's clean-up. */
export function startKeeper(parts: EngineParts): boolean {
  if (parts.inside) return false
  const lock = tryLockFile(keeperLock(parts.paths))
  if (lock === undefined) return false
  lock.release()
  if (isOnItsWay(parts)) return false
  const { root, runRoot } = parts.paths
  const { keeper, worker, cleanup } = parts.entries
  const args = [...nodeFlags, ...entryArguments(keeper), '--root', root, '--runroot', runRoot, '--worker', worker, '--cleanup', cleanup]
  const env = { ...parts.environment, UV_THREADPOOL_SIZE: '2' }
  const child = spawnProcess(process.execPath, args, { env, cwd: '/', newSession: true })
  writeFileSync(keeperMark(parts.paths), `${child.pid} ${readProcessStat(child.pid)?.startTime ?? 0}`)
  child.release()
  return true
}

/** Whether one is being started, and has not died of that. */
function isOnItsWay({ paths, evidence }: EngineParts): boolean {
  try {
    const [pid = 0, start = 0] = readFileSync(keeperMark(paths), 'utf8').split(' ').map(Number)
    return evidence.isAlive(pid, start)
  } catch {
    return false
  }
}
