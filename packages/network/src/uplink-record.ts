import type { UplinkTarget } from '@podwright/contracts'
import { bootId, isSameProcess, readProcessStat } from '@podwright/linux'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Names an uplink's process, so that no other one is ever killed in its place. */
interface UplinkRecord {
  readonly pid: number
  readonly startTime: number
  readonly bootId: string
  /** It listens on ports of the host, which somebody may want next. */
  readonly hasPorts?: boolean | undefined
}

const fileName = 'uplink.json'

/** Says that an uplink is about to be started for a directory: from here on one may run whose pid nobody has recorded. */
export function expectUplink(directory: string): void {
  writeFileSync(join(directory, fileName), '', { mode: 0o600 })
}

/** The file in which pasta writes its pid. It stands on its command line, and so tells whose it is. */
export function pastaPidFile(directory: string): string {
  return join(directory, 'pasta.pid')
}

/** slirp4netns has no argument with a path of ours: its own name tells whose it is. */
export function slirpName(directory: string): string {
  return `slirp4netns:${directory}`
}

/** Remembers an uplink's process in the target's directory. */
export function recordUplink({ directory, ports = [] }: Pick<UplinkTarget, 'directory' | 'ports'>, pid: number): void {
  const record: UplinkRecord = {
    pid,
    startTime: readProcessStat(pid)?.startTime ?? 0,
    bootId: bootId(),
    ...(ports.length > 0 && { hasPorts: true }),
  }
  writeFileSync(join(directory, fileName), `${JSON.stringify(record)}\n`, { mode: 0o600 })
}

/**
 * Ends the uplink that was recorded in a directory, if it still runs, and forgets it. No record is no error. When whoever started it was killed before
 * it could be recorded, it is looked for among all processes.
 *
 * pasta before 2024 and slirp4netns do not notice that the namespace's last process has ended, so call this when a container has.
 */
export function disconnectUplink(directory: string): void {
  const text = readText(join(directory, fileName))
  if (text === undefined) return
  const record = parseRecord(text)
  if (record === undefined) endUnrecorded(directory)
  else if (record.bootId === bootId() && isSameProcess(record.pid, record.startTime)) end(record)
  rmSync(join(directory, fileName), { force: true })
}

/** The next start of a container may follow at once, and want the same ports. */
function end({ pid, startTime, hasPorts = false }: UplinkRecord): void {
  kill(pid)
  if (!hasPorts) return
  for (let looks = 0; looks < mostLooks && isSameProcess(pid, startTime); looks++) pause()
}

/** Looks that find nothing, one after the other, and the pause between two: a pasta that executes a faster build of itself has no command line for a moment. */
const emptyLooks = 4
const pauseMs = 2
/** How often at most: one that was about to go into the background when it was killed has left another behind. */
const mostLooks = 100

function endUnrecorded(directory: string): void {
  for (let looks = 0, empty = 0; looks < mostLooks && empty < emptyLooks; looks++) {
    const left = uplinksOf(directory)
    for (const pid of left) kill(pid)
    empty = left.length === 0 ? empty + 1 : 0
    pause()
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
}

/** The dead have no command line. */
function uplinksOf(directory: string): number[] {
  const isUplink = (line: string): boolean =>
    line.includes(`\0--pid=${pastaPidFile(directory)}\0`) || line.startsWith(`${slirpName(directory)}\0`)
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => isUplink(readText(`/proc/${pid}/cmdline`) ?? '')).map(Number)
}

/** It has nothing to save, and may not listen to anything gentler yet. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // Gone in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function parseRecord(text: string): UplinkRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<UplinkRecord>
    const whole = typeof record.pid === 'number' && typeof record.startTime === 'number' && typeof record.bootId === 'string'
    return whole ? (record as UplinkRecord) : undefined
  } catch {
    return undefined
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
