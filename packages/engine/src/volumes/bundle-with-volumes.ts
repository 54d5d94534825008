import type { Snapshot, WindowSize } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { RuntimeSpec } from '@podwright/oci'
import type { GeneratedSpec } from '@podwright/runtime'
import { posix } from 'node:path'
import { prepareBundle } from '../containers/bundle.ts'
import type { ContainerFiles } from '../containers/files.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { changeOwners, mountVolumes } from './container-volumes.ts'
import type { VolumePart } from './verify-subpaths.ts'

/** A container's config, and what the kernel is to be asked about it. */
export interface BundleWithVolumes extends GeneratedSpec {
  /** What is to be verified once the runtime has mounted it. */
  readonly parts: readonly VolumePart[]
}

/** As `prepareBundle`, with the container's volumes in their place. When it fails, what was mounted until then is the caller's to take down. */
export async function prepareBundleWithVolumes(
  parts: EngineParts,
  record: ContainerRecord,
  snapshot: Snapshot,
  files: ContainerFiles,
  options: AbortOptions & { readonly windowSize: WindowSize | undefined },
): Promise<BundleWithVolumes> {
  const { mounts, parts: volumeParts } = await mountVolumes(parts, record, snapshot, options)
  const resolved = { ...record, settings: { ...record.settings, mounts } }
  const generated = await prepareBundle(parts, resolved, snapshot, files, options.windowSize)
  await changeOwners(parts, record, generated.spec, options)
  return { ...generated, spec: ownedMemory(generated.spec, record), parts: volumeParts }
}

/** A file system in memory that is to be the container's user's is made so. Its ids are those inside. */
function ownedMemory(spec: RuntimeSpec, { settings }: ContainerRecord): RuntimeSpec {
  const owned = new Set(
    settings.mounts
      .filter(({ type, changeOwner }) => type === 'tmpfs' && changeOwner === true)
      .map(({ target }) => posix.resolve('/', target)),
  )
  if (owned.size === 0) return spec
  const { uid, gid } = spec.process.user
  const mounts = spec.mounts.map((mount) =>
    owned.has(mount.destination) ? { ...mount, options: [...(mount.options ?? []), `uid=${uid}`, `gid=${gid}`] } : mount,
  )
  return { ...spec, mounts }
}
