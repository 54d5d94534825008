import type { Snapshot, WindowSize } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { GeneratedSpec } from '@podwright/runtime'
import { prepareBundle } from '../containers/bundle.ts'
import type { ContainerFiles } from '../containers/files.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { changeOwners, mountVolumes } from './container-volumes.ts'

/** As `prepareBundle`, with the container's volumes in their place. When it fails, what was mounted until then is the caller's to take down. */
export async function prepareBundleWithVolumes(
  parts: EngineParts,
  record: ContainerRecord,
  snapshot: Snapshot,
  files: ContainerFiles,
  options: AbortOptions & { readonly windowSize: WindowSize | undefined },
): Promise<GeneratedSpec> {
  const mounts = await mountVolumes(parts, record, snapshot, options)
  const resolved = { ...record, settings: { ...record.settings, mounts } }
  const generated = await prepareBundle(parts, resolved, snapshot, files, options.windowSize)
  await changeOwners(parts, record, generated.spec, options)
  return generated
}
