import type { CheckpointTimes } from '@podwright/contracts'
import { existsSync, openSync, closeSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import type { ContainerRow } from '../state/record.ts'
import type { ContainerFiles } from './files.ts'

/**
 * A container's checkpoint on disk. It counts once it has its name: CRIU writes it under another one, and says in its log when it was done, so that one
 * whose maker was killed after that is not lost.
 */
export interface CheckpointFiles {
  readonly directory: string
  /** While CRIU writes it. */
  readonly unfinished: string
  /** Its time is that of the last restore. */
  readonly restored: string
}

/** Where they are; makes nothing. */
export function checkpointFiles({ directory }: Pick<ContainerFiles, 'directory'>): CheckpointFiles {
  return { directory: `${directory}/checkpoint`, unfinished: `${directory}/checkpoint.new`, restored: `${directory}/restored` }
}

/** CRIU's files that are no part of a checkpoint. */
const temporary = ['dump.log', 'stats-dump', 'restore.log', 'stats-restore']

/** Gives a checkpoint that CRIU has finished its name; whether there is one now. The caller holds the state lock, and nobody is at it. */
export function settleCheckpoint(files: ContainerFiles, { keep = false }: { readonly keep?: boolean | undefined } = {}): boolean {
  const { directory, unfinished } = checkpointFiles(files)
  if (isFinished(unfinished)) {
    rmSync(directory, { recursive: true, force: true })
    if (!keep) for (const name of temporary) rmSync(`${unfinished}/${name}`, { force: true })
    renameSync(unfinished, directory)
  }
  return existsSync(`${directory}/inventory.img`)
}

/** Once it is restored. */
export function noteRestored(files: ContainerFiles, { keep = false }: { readonly keep?: boolean | undefined } = {}): void {
  const { directory, restored } = checkpointFiles(files)
  rmSync(restored, { force: true })
  closeSync(openSync(restored, 'w', 0o600))
  if (keep) return
  for (const name of temporary) rmSync(`${files.directory}/${name}`, { force: true })
  rmSync(directory, { recursive: true, force: true })
}

/** As `inspect` tells them: of the run that is, or was the last. */
export function checkpointTimes(row: ContainerRow, files: ContainerFiles): CheckpointTimes | undefined {
  const { directory, restored } = checkpointFiles(files)
  const begun = row.startedAt ?? Number.POSITIVE_INFINITY
  const checkpointedAt = row.status === 'exited' ? timeOf(`${directory}/inventory.img`) : undefined
  const restoredAt = timeOf(restored)
  const times = {
    ...(checkpointedAt !== undefined && checkpointedAt >= begun && { checkpointedAt: new Date(checkpointedAt) }),
    ...(restoredAt !== undefined && restoredAt >= begun && { restoredAt: new Date(restoredAt) }),
  }
  return Object.keys(times).length === 0 ? undefined : times
}

function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

function isFinished(directory: string): boolean {
  if (!existsSync(`${directory}/inventory.img`) || !existsSync(`${directory}/dump.log`)) return false
  return readFileSync(`${directory}/dump.log`, 'utf8').includes('Dumping finished successfully')
}
