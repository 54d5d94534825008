import type { PrepareSnapshotOptions, Snapshot } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

/** A container's snapshot; one whose creation was cut short gets it now. */
export async function requireSnapshot(
  parts: EngineParts,
  { id, imageId, settings }: Pick<ContainerRecord, 'id' | 'imageId' | 'settings'>,
): Promise<Snapshot> {
  const storage = await parts.storage()
  return (await storage.snapshot(id)) ?? storage.prepareSnapshot(id, snapshotOptions({ imageId, settings }))
}

/** What a container's snapshot is on. The files of a directory keep the ids that they have there. */
export function snapshotOptions({ imageId, settings }: Pick<ContainerRecord, 'imageId' | 'settings'>): PrepareSnapshotOptions {
  const { root, idMap } = settings
  return root === undefined ? { image: imageId, idMap } : { base: root }
}
