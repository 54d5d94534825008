import { CdiError } from './errors.ts'
import type { CdiNetDevice, ContainerEdits } from './spec.ts'

/** Edits one after the other; of `intelRdt` the last. @throws CdiError `ERR_CDI_SPEC_INVALID` where a network interface is asked for twice */
export function mergeEdits(all: readonly ContainerEdits[]): ContainerEdits {
  const merged = {
    env: all.flatMap(({ env = [] }) => env),
    deviceNodes: all.flatMap(({ deviceNodes = [] }) => deviceNodes),
    mounts: all.flatMap(({ mounts = [] }) => mounts),
    hooks: all.flatMap(({ hooks = [] }) => hooks),
    additionalGids: all.flatMap(({ additionalGids = [] }) => additionalGids),
    netDevices: checked(all.flatMap(({ netDevices = [] }) => netDevices)),
  }
  const intelRdt = all.findLast((edits) => edits.intelRdt !== undefined)?.intelRdt
  const given = Object.entries(merged).filter(([, list]) => list.length > 0)
  return { ...Object.fromEntries(given), ...(intelRdt !== undefined && { intelRdt }) }
}

function checked(devices: readonly CdiNetDevice[]): readonly CdiNetDevice[] {
  for (const key of ['hostInterfaceName', 'name'] as const) {
    const twin = devices.find((device, index) => devices.some((other, place) => place < index && other[key] === device[key]))
    if (twin !== undefined) {
      throw new CdiError('ERR_CDI_SPEC_INVALID', `two network devices have the ${key} ${twin[key]}`, { details: { path: 'netDevices' } })
    }
  }
  return devices
}
