import { randomHex } from '@podwright/linux'
import { isPodwrightError } from '@podwright/conventions'
import { readdirSync, rmSync } from 'node:fs'
import { containerFiles } from '../containers/files.ts'
import { observe } from '../containers/observe.ts'
import type { EngineParts } from '../parts.ts'
import { checkNow } from './check-now.ts'
import { endSession } from './end-session.ts'

/** Sessions of the keeper's own; there is one keeper, and one check of a container at a time. */
const prefix = 'health-'
/** What could not be put on record is not tried again at once. */
const failurePauseMs = 1_000

/** Checks a container's health when that is due. A keeper that was killed may have left a check behind, which is ended first. */
export async function checkDue(parts: EngineParts, id: string): Promise<void> {
  const record = (await parts.store()).get(id)
  const nextAt = record?.keeping?.health?.nextAt
  if (record === undefined || nextAt === undefined || nextAt > parts.clock.now()) return
  if (observe(record, parts.evidence).status !== 'running') return
  const { execDirectory } = containerFiles(parts.paths, id)
  await endLeftovers(parts, execDirectory)
  try {
    await checkNow(parts, record, { sessionDirectory: `${execDirectory}/${prefix}${randomHex(4)}` })
  } catch (error) {
    // It has ended, or was paused.
    if (isPodwrightError(error, 'ERR_CONTAINER_NOT_RUNNING') || isPodwrightError(error, 'ERR_CONTAINER_PAUSED')) return
    await parts.clock.sleep(failurePauseMs)
    throw error
  }
}

async function endLeftovers(parts: EngineParts, execDirectory: string): Promise<void> {
  for (const name of readIfThere(execDirectory).filter((found) => found.startsWith(prefix))) {
    await endSession(parts, `${execDirectory}/${name}`)
    rmSync(`${execDirectory}/${name}`, { recursive: true, force: true })
  }
}

function readIfThere(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
