import { existsSync } from 'node:fs'
import { applyEdits, type ContainerEdits, loadDevices, parseDeviceName } from '@podwright/cdi'
import type { ContainerTuning } from '@podwright/contracts'
import type { GeneratedSpec } from '@podwright/runtime'
import type { EngineParts } from '../parts.ts'
import type { ContainerSettings } from '../state/record.ts'
import { invalid } from '../tuning/invalid.ts'
import { checkGpus, gpuNames } from './gpu-names.ts'
import { specDirectories } from './spec-directories.ts'

/**
 * Fails for devices that nobody has described, when a container is made. They are looked up again at each start: a host's devices change.
 *
 * @returns what is to be kept with the container, and what of it the host cannot hold
 * @throws CdiError; `ERR_CONTAINER_OPTION_INVALID`
 */
export async function checkDescribedDevices(
  parts: EngineParts,
  tuning: ContainerTuning,
): Promise<{ readonly tuning: Pick<ContainerTuning, 'cdiSpecDirectories'>; readonly warnings: readonly string[] }> {
  const edits = await editsFor(parts, tuning)
  const held = (edits.deviceNodes ?? []).filter(({ permissions = 'rwm' }) => permissions !== 'rwm')
  return {
    tuning: { cdiSpecDirectories: parts.cdiSpecDirectories ?? tuning.cdiSpecDirectories },
    warnings: parts.rootless
      ? held.map(
          ({ path, permissions }) =>
            `the access "${permissions}" to ${path} is not enforced: a plain user's containers have no device rules`,
        )
      : [],
  }
}

/** A container's config with what its described devices need. @throws as `checkDescribedDevices`, and `ERR_CDI_HOST_DEVICE` */
export async function withDescribedDevices(
  parts: EngineParts,
  settings: ContainerSettings,
  generated: GeneratedSpec,
): Promise<GeneratedSpec> {
  const edits = await editsFor(parts, settings.tuning ?? {})
  const { cgroups } = await parts.runtime()
  const spec = applyEdits(generated.spec, edits, {
    bindNodes: parts.rootless || settings.idMap !== undefined,
    deviceRules: !parts.rootless && cgroups === 'enabled',
  })
  return { ...generated, spec }
}

async function editsFor(parts: EngineParts, tuning: ContainerTuning): Promise<ContainerEdits> {
  const { cdiDevices = [], gpus = [] } = tuning
  for (const name of cdiDevices) parseDeviceName(name)
  checkGpus(gpus)
  const devices = await loadDevices({ directories: specDirectories(parts, tuning) })
  const edits = devices.resolve([...gpuNames(gpus, devices), ...cdiDevices])
  await requireHonourable(parts, edits)
  return edits
}

/** What only the kernel would refuse, in words that nobody could make sense of; or what an older runtime would pass over. */
async function requireHonourable(parts: EngineParts, { netDevices = [], additionalGids = [], intelRdt }: ContainerEdits): Promise<void> {
  if (intelRdt !== undefined && (parts.rootless || !existsSync('/sys/fs/resctrl/schemata'))) {
    throw invalid(
      `cannot limit its use of caches, as a device asks: ${parts.rootless ? "a plain user's containers have no resctrl" : 'resctrl is not mounted at /sys/fs/resctrl'}`,
    )
  }
  const [moved] = netDevices
  if (moved !== undefined) {
    throw invalid(
      `cannot give it the network interface ${moved.hostInterfaceName}, as a device asks: podwright does not move interfaces yet`,
    )
  }
  const gids = additionalGids.length === 0 ? undefined : (await parts.namespace()).idMap()?.gids
  const foreign = additionalGids.find((gid) => gids?.every(({ containerId, size }) => gid < containerId || gid >= containerId + size))
  if (foreign !== undefined) {
    throw invalid(`cannot give it the group ${foreign}, as a device asks: it is not mapped into this user's namespace`)
  }
}
