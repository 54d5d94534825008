import { systemCodeOf } from '@podwright/conventions'
import { bootId, isFrozen, isSameProcess, readProcessStat } from '@podwright/linux'
import { readFileSync, statSync } from 'node:fs'
import type { EnginePaths } from '../paths.ts'
import { containerFiles } from './files.ts'
import type { Evidence, RecordedPids } from './observe.ts'

/** Evidence from the data root and /proc. */
export function createEvidence(paths: EnginePaths): Evidence {
  return {
    bootId,
    isAlive: (pid, start) => pid > 0 && isSameProcess(pid, start),
    isFrozen,
    readExit: (id) => readExitFile(containerFiles(paths, id).exitFile),
    readPids: (id) => readPids(paths, id),
  }
}

/** What the monitor wrote at the container's end; undefined while it is not there, or not written whole. */
function readExitFile(path: string): { exitCode: number; finishedAt: number } | undefined {
  const text = readIfThere(path)
  if (text === undefined || text === '') return undefined
  return { exitCode: Number(text), finishedAt: Math.round(statSync(path).mtimeMs) }
}

function readPids(paths: EnginePaths, id: string): RecordedPids | undefined {
  const files = containerFiles(paths, id)
  const pid = readPid(files.pidFile)
  const monitorPid = readPid(files.monitorPidFile)
  if (pid === 0 && monitorPid === 0) return undefined
  return { pid, pidStart: startOf(pid), monitorPid, monitorStart: startOf(monitorPid) }
}

function readPid(path: string): number {
  return Number(readIfThere(path) ?? 0)
}

function startOf(pid: number): number {
  return pid > 0 ? (readProcessStat(pid)?.startTime ?? 0) : 0
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
