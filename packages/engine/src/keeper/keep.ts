import { tryLockFile } from '@podwright/linux'
import { existsSync, rmSync } from 'node:fs'
import { containerFiles } from '../containers/files.ts'
import { observe } from '../containers/observe.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'
import { keeperLock, keeperMark } from './keeper-lock.ts'
import { nextRestart, restartTime } from './next-restart.ts'
import type { LogRotations } from './rotate-logs.ts'
import { needsKeeper } from './start-keeper.ts'
import { wakeUp, type WakeUp } from './wake-up.ts'

/** Something to do for a container, and when. */
export interface Task {
  readonly at: number
  readonly run: (parts: EngineParts) => Promise<void>
  /** When to look whether somebody else has done it. @default at that time */
  readonly lookAt?: number
  /** Whether it waits for what goes on in a container, and not for the engine. @default false */
  readonly isCheck?: boolean
}

/** What the keeper uses: a store that stays open, and whatever a task takes, made for it and given back after it. */
export interface KeeperComponents {
  readonly parts: EngineParts
  /** Runs a task with parts of its own. */
  readonly withParts: (run: Task['run']) => Promise<void>
  /** Says what failed; nobody waits for it. */
  readonly onError: (error: unknown) => void
}

/** Processes that are killed together with their monitor leave no exit file: that is looked for. */
const lookEveryMs = 5_000
/** The same where nothing can be watched. */
const pollEveryMs = 1_000
/** Somebody else was at work on a container: it is looked at again. */
const busyMs = 50
/** A monitor's clean-up takes about so long. */
const cleanupMs = 200
/** At a time, of either kind: a check that takes long holds no restart up. */
const mostRestarts = 4
const mostChecks = 16

/**
 * Looks after the containers that need it until none does. It keeps nothing that matters to itself: what is due follows from what is on record, so that it
 * can be killed at any time, and the next command starts another. A lock keeps a second one out.
 */
export async function keep(components: KeeperComponents): Promise<void> {
  const { parts } = components
  using wake = wakeUp()
  for (;;) {
    using lock = tryLockFile(keeperLock(parts.paths))
    if (lock === undefined) return
    // Whoever finds it gone looks at the lock; whoever has found it there had committed before our first look.
    rmSync(keeperMark(parts.paths), { force: true })
    await keepLocked(components, wake)
    // Its starter may have been slow to name us.
    rmSync(keeperMark(parts.paths), { force: true })
    lock.release()
    // Who came after the last look found the lock held, and left it to us.
    if (!existsSync(parts.paths.database) || (await parts.store()).kept().every((row) => !needsKeeper(row))) return
  }
}

async function keepLocked(components: KeeperComponents, wake: WakeUp): Promise<void> {
  const { parts, withParts, onError } = components
  const store = await parts.store()
  const running = new Map<string, Task>()
  const hasRoom = ({ isCheck = false }: Task): boolean =>
    [...running.values()].filter((other) => (other.isCheck ?? false) === isCheck).length < (isCheck ? mostChecks : mostRestarts)
  let logs: LogRotations | undefined
  for (;;) {
    // What was reset is gone for good.
    if (!existsSync(parts.paths.database)) return
    const rows = store.kept().filter(needsKeeper)
    if (rows.length === 0 && running.size === 0) return
    const exits = rows.map(({ id }) => containerFiles(parts.paths, id).exitDirectory)
    const isWatched = wake.watch(new Set([keeperLock(parts.paths), ...exits]))
    const now = parts.clock.now()
    let next = now + (isWatched ? lookEveryMs : pollEveryMs)
    if (rows.some(({ rotation }) => rotation !== undefined)) {
      logs ??= (await import('./rotate-logs.ts')).logRotations(parts, onError)
      next = Math.min(next, logs.look(rows))
    }
    for (const row of rows) {
      if (running.has(row.id)) continue
      const task = await nextTask(parts, row)
      if (task === undefined) continue
      if (task.at > now) next = Math.min(next, task.at, task.lookAt ?? task.at)
      else if (hasRoom(task)) {
        running.set(row.id, task)
        void withParts(task.run)
          .catch(onError)
          .then(() => parts.clock.sleep(busyMs))
          .finally(() => {
            running.delete(row.id)
            wake.call()
          })
      }
    }
    await wake.sleep(Math.max(1, next - now))
  }
}

/** What is to be done next for a container; undefined when nothing is before something happens to it. */
async function nextTask(parts: EngineParts, row: ContainerRow): Promise<Task | undefined> {
  const { id } = row
  const restart = async (own: EngineParts): Promise<void> => (await import('./restart-due.ts')).restartDue(own, id)
  const observation = observe(row, parts.evidence)
  if (observation.needsCleanup) {
    const due = nextRestart(row, observation, parts.evidence.bootId())
    // The monitor's clean-up does the rest meanwhile, most often; and ends one that is not to come back.
    return {
      at: due?.restartAt ?? Math.max(observation.finishedAt ?? 0, row.startedAt ?? 0) + lookEveryMs,
      run: restart,
      lookAt: parts.clock.now() + cleanupMs,
    }
  }
  const due = restartTime(row)
  if (due !== undefined) return { at: due, run: restart }
  // Whoever was starting it may have been killed.
  if (row.status === 'initialized' && row.pid === 0) return { at: 0, run: restart }
  const checkAt = row.keeping?.health?.nextAt
  if (checkAt === undefined || observation.status !== 'running') return undefined
  return { at: checkAt, run: async (own) => (await import('../health/check-due.ts')).checkDue(own, id), isCheck: true }
}
