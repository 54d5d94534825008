import type { VolumeStore } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'

/** The volumes, with what is made and removed put on record, whoever does it: a command, a container that needs one, a prune. */
export function withVolumeEvents(volumes: VolumeStore, { store, clock }: Pick<EngineParts, 'store' | 'clock'>): VolumeStore {
  const note = async (action: 'create' | 'remove', name: string): Promise<void> =>
    (await store()).note({ type: 'volume', action, time: clock.now(), subject: name, attributes: { name } })
  return {
    ...volumes,
    create: async (options = {}) => {
      const isThere = options.name !== undefined && volumes.find(options.name) !== undefined
      const volume = await volumes.create(options)
      if (!isThere) await note('create', volume.name)
      return volume
    },
    clone: async (name, newName, options) => {
      const volume = await volumes.clone(name, newName, options)
      await note('create', volume.name)
      return volume
    },
    remove: async (name, options) => {
      await volumes.remove(name, options)
      await note('remove', name)
    },
  }
}
