import type { VolumeDriverFactory, VolumeStore } from '@podwright/contracts'
import { withVolumeEvents } from '../events/volume-events.ts'
import { minFreeBytes } from '../make/min-free.ts'
import type { EngineOptions, ExecutableDriver } from '../options.ts'
import type { EngineParts } from '../parts.ts'
import { volumeHolders } from './volume-holders.ts'

/** The volumes of the data root, with the drivers that the engine was given. */
export async function openEngineVolumes(
  parts: Pick<EngineParts, 'paths' | 'environment' | 'evidence' | 'clock' | 'store' | 'namespace'>,
  options: EngineOptions,
): Promise<VolumeStore> {
  const { openVolumes } = await import('@podwright/storage')
  const volumes = openVolumes(
    {
      namespace: await parts.namespace(),
      clock: parts.clock,
      holders: volumeHolders(parts, await parts.store()),
      drivers: await driversOf(options),
    },
    { root: parts.paths.root, runRoot: parts.paths.runRoot, minFreeBytes: minFreeBytes(options, parts.environment) },
  )
  return withVolumeEvents(volumes, parts)
}

async function driversOf({ volumeDrivers = {} }: EngineOptions): Promise<Readonly<Record<string, VolumeDriverFactory>>> {
  const entries = Object.entries(volumeDrivers)
  if (entries.length === 0) return {}
  const { createExecutableVolumeDriver } = await import('@podwright/storage')
  const factoryOf = (name: string, driver: VolumeDriverFactory | ExecutableDriver): VolumeDriverFactory =>
    typeof driver === 'function' ? driver : () => createExecutableVolumeDriver({ name, ...driver })
  return Object.fromEntries(entries.map(([name, driver]) => [name, factoryOf(name, driver)]))
}
