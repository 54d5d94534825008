import type { EngineParts, RuntimePair } from '../parts.ts'
import type { ContainerChange } from '../state/record.ts'

/** What a row says from before a container's processes can be there until their pids are known. */
export function beingStarted({ evidence }: EngineParts, { runtime }: RuntimePair): ContainerChange {
  return {
    desired: 'running',
    status: 'initialized',
    pid: 0,
    pidStart: 0,
    monitorPid: 0,
    monitorStart: 0,
    bootId: evidence.bootId(),
    exitCode: undefined,
    finishedAt: undefined,
    startedAt: undefined,
    error: undefined,
    runtime: runtime.name,
  }
}

/** The same for one that is looked after. Until it runs, a restart stays due: a keeper that is killed meanwhile leaves it to the next one. */
export function keptStart(change: ContainerChange, { restarts }: { readonly restarts?: number | undefined }): ContainerChange {
  if (restarts !== undefined) return { ...change, restartCount: restarts }
  return { ...change, restartCount: 0, restartDelayMs: 0, restartAt: undefined }
}
