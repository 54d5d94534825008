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
