import type { PrunedVolumes, PruneVolumesOptions, Volume, Volumes, VolumeStore } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { commandHolder } from './command-holder.ts'

/** The engine's volumes. */
export function createVolumes(parts: EngineParts): Volumes {
  const nameOf = async (reference: string): Promise<string> => requireVolume(await parts.volumes(), reference).name
  return {
    create: async (options = {}) => (await parts.volumes()).create(options),
    list: async () => (await parts.volumes()).list(),
    inspect: async (reference) => requireVolume(await parts.volumes(), reference),
    usage: async (reference, options = {}) => (await parts.volumes()).usage(await nameOf(reference), options),
    remove: async (reference, options = {}) => {
      const name = await nameOf(reference)
      if (options.force === true) await (await import('./remove-forced.ts')).removeForced(parts, name, options)
      else await removeUnused(parts, name)
      return name
    },
    prune: async (options = {}) => pruneVolumes(await parts.volumes(), options),
    async *export(reference, options = {}) {
      yield* (await parts.volumes()).export(await nameOf(reference), options)
    },
    import: async (reference, tar, options = {}) => (await parts.volumes()).import(await nameOf(reference), tar, options),
    clone: async (reference, newName, options = {}) => (await parts.volumes()).clone(await nameOf(reference), newName, options),
    rename: async (reference, newName, options = {}) => (await parts.volumes()).rename(await nameOf(reference), newName, options),
    mount: async (reference, options = {}) => (await parts.volumes()).mount(await nameOf(reference), commandHolder, options),
    unmount: async (reference, options = {}) => (await parts.volumes()).unmount(await nameOf(reference), commandHolder, options),
  }
}

function requireVolume(volumes: VolumeStore, reference: string): Volume {
  const volume = volumes.find(reference)
  if (volume !== undefined) return volume
  throw new EngineError('ERR_VOLUME_NOT_FOUND', `no volume has the name "${reference}"`, {
    hint: 'podwright volume ls shows all volumes.',
    details: { reference },
  })
}

/** A container's name says more than its id. */
async function removeUnused(parts: EngineParts, name: string): Promise<void> {
  try {
    await (await parts.volumes()).remove(name)
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_VOLUME_IN_USE')) throw error
    const store = await parts.store()
    const holders = (error.details['holders'] ?? []) as readonly string[]
    const names = holders.map((id) => store.find(id)?.name ?? (id === commandHolder ? 'podwright volume mount' : id))
    throw new EngineError('ERR_VOLUME_IN_USE', `cannot remove the volume ${name}: it is in use by ${names.join(', ')}`, {
      cause: error,
      hint: `Remove what uses it first, or both by force: podwright volume rm -f ${name}`,
      details: { name, holders },
    })
  }
}

/** How the engine prunes volumes. */
export interface PruneOptions extends PruneVolumesOptions {
  /** Ids of containers that are to be thought of as gone, for a dry run. @default none */
  readonly withoutContainers?: ReadonlySet<string> | undefined
}

export async function pruneVolumes(volumes: VolumeStore, options: PruneOptions): Promise<PrunedVolumes> {
  const { filter = ({ anonymous }): boolean => anonymous, dryRun = false, signal, withoutContainers = new Set<string>() } = options
  const pruned: PrunedVolumes['volumes'][number][] = []
  for (const volume of volumes.list().filter(({ holders }) => holders.every((holder) => withoutContainers.has(holder)))) {
    signal?.throwIfAborted()
    if (!filter(volume)) continue
    const usage = await removeOne(volumes, volume.name, dryRun, signal)
    if (usage !== undefined) pruned.push({ name: volume.name, ...usage })
  }
  if (!dryRun) await volumes.sweep({ signal })
  return { volumes: pruned, freedBytes: pruned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

/** What it took; undefined when somebody began to use it, or removed it. */
async function removeOne(
  volumes: VolumeStore,
  name: string,
  dryRun: boolean,
  signal: AbortSignal | undefined,
): Promise<{ readonly sizeBytes: number; readonly inodes: number } | undefined> {
  try {
    const usage = await volumes.usage(name, { signal })
    if (!dryRun) await volumes.remove(name, { signal })
    return usage
  } catch (error) {
    if (isPodwrightError(error, 'ERR_VOLUME_IN_USE') || isPodwrightError(error, 'ERR_VOLUME_NOT_FOUND')) return undefined
    throw error
  }
}
