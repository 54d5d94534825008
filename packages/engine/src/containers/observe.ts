import type { ContainerState, ContainerStatus } from '@podwright/contracts'
import { nextRestart, restartTime } from '../keeper/next-restart.ts'
import type { Keeping } from '../state/keeping.ts'
import type { ContainerRow } from '../state/record.ts'

/** What can be seen of a container from outside the database; cheap reads, so that `ps` stays fast. */
export interface Evidence {
  /** This boot's id. */
  readonly bootId: () => string
  /** Whether the process is there and is the one that was recorded. */
  readonly isAlive: (pid: number, start: number) => boolean
  /** The exit file's content and time. */
  readonly readExit: (id: string) => { readonly exitCode: number; readonly finishedAt: number } | undefined
  /** Whether the process is kept from running by its control group. Asked of those alone that are on record as paused. */
  readonly isFrozen: (pid: number) => boolean
  /** Processes that a starter left on record in the bundle before it could tell the database. */
  readonly readPids: (id: string) => RecordedPids | undefined
}

/** A container's processes. */
export interface RecordedPids {
  readonly pid: number
  readonly pidStart: number
  readonly monitorPid: number
  readonly monitorStart: number
}

/** What is true of a container now, and whether the database says so already. */
export interface Observation {
  readonly status: ContainerStatus
  readonly pid: number
  readonly monitorPid: number
  /** -1: it ended, and nobody saw how. */
  readonly exitCode: number | undefined
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  /** Whether it ended, and what it held has not been given back yet. */
  readonly needsCleanup: boolean
}

const live = new Set<ContainerStatus>(['initialized', 'running', 'paused', 'stopping'])

/** Compares a row with the evidence: exit file, boot, processes. The exit file is the truth. */
export function observe(row: ContainerRow, evidence: Evidence): Observation {
  const asRecorded: Observation = {
    status: row.status,
    pid: 0,
    monitorPid: 0,
    exitCode: row.exitCode,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    needsCleanup: false,
  }
  if (row.status === 'removing') return { ...asRecorded, needsCleanup: true }
  if (!live.has(row.status)) return asRecorded
  const exit = evidence.readExit(row.id)
  if (exit !== undefined) return ended(asRecorded, exit)
  const pids = row.bootId === evidence.bootId() ? alivePids(row, evidence) : undefined
  if (pids !== undefined) {
    // A pause is on record before it holds, and after it has ended: what the kernel says is true.
    const status = row.status === 'paused' && !evidence.isFrozen(pids.pid) ? 'running' : row.status
    return { ...asRecorded, ...pids, status, exitCode: undefined, finishedAt: undefined }
  }
  // The monitor may have written the file after it was first looked for, and ended.
  return ended(asRecorded, evidence.readExit(row.id) ?? { exitCode: -1, finishedAt: row.startedAt ?? row.createdAt })
}

/** Whether its processes were made, and wait to be started. One that is on its way has no process on record yet. */
export function isInitialized({ status, pid }: ContainerRow): boolean {
  return status === 'initialized' && pid !== 0
}

/** The state as the contract has it. */
export function stateOf(row: ContainerRow, observation: Observation): ContainerState {
  return {
    status: observation.status,
    pid: observation.pid,
    monitorPid: observation.monitorPid,
    exitCode: observation.exitCode,
    startedAt: toDate(observation.startedAt),
    finishedAt: toDate(observation.finishedAt),
    error: row.error,
    ...(row.keeping !== undefined && keptState(row, row.keeping, observation)),
  }
}

function keptState(row: ContainerRow, keeping: Keeping, observation: Observation): Partial<ContainerState> {
  // Whoever is to note its end has not come yet: what follows is known already.
  const due = observation.needsCleanup ? nextRestart(row, observation, row.bootId)?.restartAt : restartTime(row)
  const { health } = keeping
  return {
    restartAt: toDate(due),
    restartCount: keeping.restartCount,
    ...(health && { health: { status: health.status, failingStreak: health.failingStreak } }),
  }
}

function ended(recorded: Observation, exit: { exitCode: number; finishedAt: number }): Observation {
  return { ...recorded, status: 'exited', exitCode: exit.exitCode, finishedAt: exit.finishedAt, needsCleanup: true }
}

/** Those of the container's processes that live; undefined when none does. */
function alivePids(row: ContainerRow, evidence: Evidence): { pid: number; monitorPid: number } | undefined {
  const pids: RecordedPids | undefined = row.pid > 0 ? row : evidence.readPids(row.id)
  if (pids === undefined) return undefined
  const pid = evidence.isAlive(pids.pid, pids.pidStart) ? pids.pid : 0
  const monitorPid = evidence.isAlive(pids.monitorPid, pids.monitorStart) ? pids.monitorPid : 0
  return pid === 0 && monitorPid === 0 ? undefined : { pid, monitorPid }
}

function toDate(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds)
}
