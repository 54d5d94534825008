import { bootId, isSameProcess, readProcessStat } from '@podwright/linux'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Names an uplink's process, so that no other one is ever killed in its place. */
interface UplinkRecord {
  readonly pid: number
  readonly startTime: number
  readonly bootId: string
}

const fileName = 'uplink.json'

/** Remembers an uplink's process in the target's directory. */
export function recordUplink(directory: string, pid: number): void {
  const record: UplinkRecord = { pid, startTime: readProcessStat(pid)?.startTime ?? 0, bootId: bootId() }
  writeFileSync(join(directory, fileName), `${JSON.stringify(record)}\n`, { mode: 0o600 })
}

/**
 * Ends the uplink that was recorded in a directory, if it still runs, and forgets it. No record is no error.
 *
 * pasta before 2024 and slirp4netns do not notice that the namespace's last process has ended, so call this when a container has.
 */
export function disconnectUplink(directory: string): void {
  const record = readRecord(directory)
  if (record === undefined) return
  if (record.bootId === bootId() && isSameProcess(record.pid, record.startTime)) terminate(record.pid)
  rmSync(join(directory, fileName), { force: true })
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    // Gone in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function readRecord(directory: string): UplinkRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(directory, fileName), 'utf8')) as Partial<UplinkRecord>
    const whole = typeof record.pid === 'number' && typeof record.startTime === 'number' && typeof record.bootId === 'string'
    return whole ? (record as UplinkRecord) : undefined
  } catch {
    return undefined
  }
}
