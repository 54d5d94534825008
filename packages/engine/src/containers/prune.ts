import type { PruneContainersOptions, PrunedContainers, PruneFilters } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { type FileLock, tryLockFile } from '@podwright/linux'
import { hasLabel } from '../labels.ts'
import type { EngineParts } from '../parts.ts'
import { waitsForRestart } from '../keeper/stay-ended.ts'
import type { ContainerRow } from '../state/record.ts'
import { isBeingMade } from './creation-lock.ts'
import { containerFiles } from './files.ts'
import { removeLocked } from './finish.ts'
import { observe } from './observe.ts'
import { refuseReaders } from './reading-lock.ts'
import { dropLock } from './state-lock.ts'
import { recoverLocked } from './sweep.ts'

/** Removes the containers that don't run. Nobody is waited for: what somebody is at work on is in use. */
export async function pruneContainers(parts: EngineParts, options: PruneContainersOptions): Promise<PrunedContainers> {
  const pruned: PrunedContainers['containers'][number][] = []
  for (const row of (await parts.store()).list()) {
    options.signal?.throwIfAborted()
    if (!passes(row, options)) continue
    const sizeBytes = await pruneContainer(parts, row.id, options)
    if (sizeBytes !== undefined) pruned.push({ id: row.id, name: row.name, sizeBytes })
  }
  return { containers: pruned, freedBytes: pruned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

function passes({ createdAt, labels }: ContainerRow, { until, labels: wanted = [], notLabels = [] }: PruneFilters): boolean {
  if (until !== undefined && createdAt >= until.getTime()) return false
  return wanted.every((label) => hasLabel(labels, label)) && !notLabels.some((label) => hasLabel(labels, label))
}

/** What its tree took; undefined when it is in use, or gone. */
async function pruneContainer(parts: EngineParts, id: string, options: PruneContainersOptions): Promise<number | undefined> {
  if (isBeingMade(parts.paths, id)) return undefined
  using lock = lockState(parts, id)
  if (lock === undefined) return undefined
  using alone = refuseReaders(parts, id)
  if (alone === undefined) return undefined
  if (options.dryRun !== true) await recoverLocked(parts, id)
  const record = (await parts.store()).get(id)
  if (record === undefined) return dropLock(lock)
  const observation = observe(record, parts.evidence)
  if (observation.pid !== 0 || (observation.status !== 'created' && observation.status !== 'exited' && observation.status !== 'removing')) {
    return undefined
  }
  if (waitsForRestart(parts, record)) return undefined
  // Those that require it are newer, and have gone before it if they could.
  if ((await parts.store()).dependentsOf(id).some(({ reason }) => reason === 'requires')) return undefined
  const sizeBytes = await treeSize(parts, id, options)
  if (options.dryRun !== true) await removeLocked(parts, record, observation)
  return sizeBytes
}

/** Undefined when somebody starts, ends, commits or removes it. */
function lockState(parts: EngineParts, id: string): FileLock | undefined {
  return tryLockFile(containerFiles(parts.paths, id).stateLock)
}

async function treeSize(parts: EngineParts, id: string, { signal }: PruneContainersOptions): Promise<number> {
  try {
    return (await (await parts.storage()).snapshotUsage(id, { signal })).sizeBytes
  } catch (error) {
    if (isPodwrightError(error, 'ERR_SNAPSHOT_NOT_FOUND') || isPodwrightError(error, 'ERR_LAYER_NOT_FOUND')) return 0
    throw error
  }
}
