import type { StopContainerOptions } from '@podwright/contracts'
import { mkdirSync } from 'node:fs'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { holdCleanup } from './cleanup-command.ts'
import { containerFiles } from './files.ts'
import { finishLocked } from './finish.ts'
import { observe } from './observe.ts'
import { endProcess } from './signal.ts'
import { startHolding } from './start.ts'
import { lockState } from './state-lock.ts'
import { recoverLocked } from './sweep.ts'

/**
 * Stops a container and starts it again; one that does not run is started. The state lock is held all along, so that nobody takes it for ended in
 * between, and one that is removed at its end stays.
 */
export async function restartContainer(parts: EngineParts, id: string, options: StopContainerOptions): Promise<void> {
  const files = containerFiles(parts.paths, id)
  await using lock = await lockState(parts, id, options)
  await recoverLocked(parts, id)
  const record = (await parts.store()).require(id)
  mkdirSync(files.directory, { recursive: true, mode: 0o700 })
  await endKeeping(parts, record, options)
  await startHolding(parts, id, lock, { signal: options.signal })
  await (await parts.store()).noteContainer(id, { action: 'restart', time: parts.clock.now() })
}

/** Ends what runs, and gives back what it held. One that had ended before is left to the start, which removes it when that is due. */
async function endKeeping(parts: EngineParts, record: ContainerRecord, options: StopContainerOptions): Promise<void> {
  const { pid, status } = observe(record, parts.evidence)
  if (pid === 0 || status === 'removing') return
  // The monitor need not start a clean-up, which would wait for us and find nothing to do.
  using _cleanup = holdCleanup(containerFiles(parts.paths, record.id))
  await endProcess(parts, record, pid, options)
  await finishLocked(parts, { ...record, autoRemove: false, desired: 'stopped' }, observe(record, parts.evidence))
}
