import { observe } from '../containers/observe.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'
import { nextRestart, restartTime } from './next-restart.ts'

/** Puts on record that a container is not to be started again after its end; whether it has ended and was waiting for that. */
export async function stayEnded(parts: EngineParts, row: ContainerRow): Promise<boolean> {
  const isWaiting = waitsForRestart(parts, row)
  await (await parts.store()).update(row.id, { desired: 'stopped' })
  return isWaiting
}

/** Whether a container has ended, and its policy is to start it again. */
export function waitsForRestart({ evidence }: Pick<EngineParts, 'evidence'>, row: ContainerRow): boolean {
  if (row.keeping === undefined) return false
  const observation = observe(row, evidence)
  return (observation.needsCleanup ? nextRestart(row, observation, evidence.bootId())?.restartAt : restartTime(row)) !== undefined
}
