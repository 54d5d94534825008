import { bootId, isSameProcess, namespaceInode, readProcessStat } from '@podwright/linux'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Names the pause process and the namespaces that it holds, so that no other process is ever taken for it. */
export interface PauseRecord {
  readonly pid: number
  readonly startTime: number
  readonly bootId: string
  /** Inodes. */
  readonly userNamespace: number
  readonly mountNamespace: number
}

const fileName = 'pause.json'

/** The record of that directory, whether or not the process lives; undefined when there is none that can be read. */
export function readPauseRecord(stateDirectory: string): PauseRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(stateDirectory, fileName), 'utf8')) as Partial<PauseRecord>
    const { pid, startTime, userNamespace, mountNamespace } = record
    const numbers = [pid, startTime, userNamespace, mountNamespace].every((number) => typeof number === 'number')
    return numbers && typeof record.bootId === 'string' ? (record as PauseRecord) : undefined
  } catch {
    return undefined
  }
}

/** Whether the recorded process lives, since this boot, and still holds those namespaces. Two reads and two links of /proc. */
export function isPauseAlive(record: PauseRecord): boolean {
  const { pid, startTime, userNamespace, mountNamespace } = record
  const same = record.bootId === bootId() && isSameProcess(pid, startTime)
  return same && namespaceInode(pid, 'user') === userNamespace && namespaceInode(pid, 'mnt') === mountNamespace
}

/** The pause process of that directory, if it lives. */
export function livingPause(stateDirectory: string): PauseRecord | undefined {
  const record = readPauseRecord(stateDirectory)
  return record !== undefined && isPauseAlive(record) ? record : undefined
}

/** What is to be recorded of a process; undefined when it is gone. */
export function describePause(pid: number): PauseRecord | undefined {
  const stat = readProcessStat(pid)
  const userNamespace = namespaceInode(pid, 'user')
  const mountNamespace = namespaceInode(pid, 'mnt')
  if (stat === undefined || userNamespace === undefined || mountNamespace === undefined) return undefined
  return { pid, startTime: stat.startTime, bootId: bootId(), userNamespace, mountNamespace }
}

/** Writes the record, whole or not at all. The caller holds the lock. */
export function writePauseRecord(stateDirectory: string, record: PauseRecord): void {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
  const path = join(stateDirectory, fileName)
  writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
