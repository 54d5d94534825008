import type { Uplink } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

/** The way out of a container's private network. Only pasta can look into a user namespace of the container's own, whatever its age. */
export function uplinkOf(parts: EngineParts, { ports, settings }: Pick<ContainerRecord, 'ports' | 'settings'>): Promise<Uplink> {
  return parts.uplink(settings.idMap === undefined ? ports : [], settings.uplink)
}
