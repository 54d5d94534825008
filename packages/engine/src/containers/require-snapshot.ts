import type { Snapshot } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

/** A container's snapshot; one whose creation was cut short gets it now. */
export async function requireSnapshot(
  parts: EngineParts,
  { id, imageId, settings }: Pick<ContainerRecord, 'id' | 'imageId' | 'settings'>,
): Promise<Snapshot> {
  const storage = await parts.storage()
  return (await storage.snapshot(id)) ?? storage.prepareSnapshot(id, { image: imageId, idMap: settings.idMap })
}
