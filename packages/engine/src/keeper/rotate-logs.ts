import { rotateLog, type RotationStep } from '@podwright/runtime'
import { statSync } from 'node:fs'
import { containerFiles } from '../containers/files.ts'
import type { EngineParts } from '../parts.ts'
import type { LogRotation } from '../state/keeping.ts'
import type { ContainerRow } from '../state/record.ts'

/** The logs that are rotated. */
export interface LogRotations {
  /** Looks at those of these containers that are due; when to look again, in milliseconds since the epoch. */
  look(rows: readonly ContainerRow[]): number
}

/** A log that grows is looked at before it would be full, as fast as it has grown; one that doesn't, less and less often. */
const soonestMs = 20
const firstMs = 100
const latestMs = 2_000
/** As many as there are by default. */
const defaultFiles = 2

/** What was seen of a log. */
interface Seen {
  readonly time: number
  readonly bytes: number
  readonly lookAt: number
}

/** Remembers how fast logs grow, and nothing that matters. */
export function logRotations(parts: Pick<EngineParts, 'paths' | 'clock'>, onError: (error: unknown) => void): LogRotations {
  let seen = new Map<string, Seen>()
  const look = (row: ContainerRow, rotation: LogRotation, now: number): Seen => {
    const before = seen.get(row.id)
    // A clock that was set back says nothing of when to look.
    if (before !== undefined && before.time <= now && before.lookAt > now) return before
    const files = containerFiles(parts.paths, row.id)
    const { path = files.log, maximumBytes, maximumFiles = defaultFiles } = rotation
    try {
      const step = rotateLog({ path, controlFifo: files.controlFifo, maximumBytes, maximumFiles }, now)
      const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
      return { time: now, bytes, lookAt: now + pauseMs(step, { bytes, now, maximumBytes, before }) }
    } catch (error) {
      // A full disk, or a directory that was taken away: later is soon enough.
      onError(error)
      return { time: now, bytes: 0, lookAt: now + latestMs }
    }
  }
  return {
    look(rows) {
      const now = parts.clock.now()
      const next = new Map<string, Seen>()
      for (const row of rows) if (row.rotation !== undefined) next.set(row.id, look(row, row.rotation, now))
      seen = next
      return Math.min(...[...next.values()].map(({ lookAt }) => lookAt))
    },
  }
}

/** How long until the next look. */
function pauseMs(
  step: RotationStep,
  { bytes, now, maximumBytes, before }: { bytes: number; now: number; maximumBytes: number; before: Seen | undefined },
): number {
  if (step === 'asked' || step === 'waiting') return soonestMs
  if (before === undefined) return firstMs
  // A new file began with nothing.
  const grown = bytes < before.bytes ? bytes : bytes - before.bytes
  if (grown === 0) return Math.min(latestMs, 2 * (before.lookAt - before.time))
  const untilFull = ((maximumBytes - bytes) * (now - before.time)) / grown
  return Math.min(latestMs, Math.max(soonestMs, untilFull / 2))
}
