import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'
import { usesVolumes } from '../volumes/uses-volumes.ts'

/** Has what was mounted of its volumes taken down, unless others have it mounted too. */
export async function releaseMounts(parts: EngineParts, row: ContainerRow): Promise<void> {
  if (usesVolumes(row)) await (await import('../volumes/container-volumes.ts')).unmountVolumes(parts, row)
}
