import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { containerFiles } from './files.ts'
import { releaseSharedMemory, sharesMemory } from './shared-memory.ts'
import { usesVolumes } from '../volumes/uses-volumes.ts'

/** Has what was mounted of its volumes taken down, unless others have it mounted too; its secrets are closed. */
export async function releaseMounts(parts: EngineParts, row: ContainerRecord): Promise<void> {
  if (sharesMemory(row.settings.tuning)) await releaseSharedMemory(containerFiles(parts.paths, row.id))
  if (row.settings.secrets !== undefined) (await import('../secrets/container-secrets.ts')).closeSecrets(parts, row.id)
  if (usesVolumes(row)) await (await import('../volumes/container-volumes.ts')).unmountVolumes(parts, row)
}
