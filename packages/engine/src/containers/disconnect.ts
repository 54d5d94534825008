import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'
import { containerFiles } from './files.ts'

/** Ends the uplink: not every version of pasta ends with the namespace that it serves. */
export async function disconnect(parts: EngineParts, row: ContainerRow): Promise<void> {
  if (row.network !== 'private') return
  const { disconnectUplink } = await import('@podwright/network')
  disconnectUplink(containerFiles(parts.paths, row.id).directory)
}
