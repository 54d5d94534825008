import type { ContainerDevice, ContainerTuning } from '@podwright/contracts'
import { messageOf } from '@podwright/conventions'
import { type DeviceInput, type DeviceRuleInput, devicesAt, type ResourcesInput, type SpecInput } from '@podwright/runtime'
import { posix } from 'node:path'
import type { EngineParts } from '../parts.ts'
import { invalid } from './invalid.ts'

/**
 * Fails for devices that are not there, and for rules that cannot be kept; tells where access cannot be held to what was asked for.
 *
 * @throws `ERR_CONTAINER_OPTION_INVALID`
 */
export function checkDevices(parts: EngineParts, tuning: ContainerTuning, cgroups: 'enabled' | 'disabled'): readonly string[] {
  const { devices = [], deviceRules = [] } = tuning
  const rules = deviceRules.map(parseRule)
  if (rules.length > 0 && (parts.rootless || cgroups === 'disabled')) {
    throw invalid("cannot honour --device-cgroup-rule: the container gets no control group of devices here; a plain user's have none")
  }
  const found = devices.map((device) => ({ device, nodes: nodesOf(device) }))
  return found
    .filter(({ device }) => parts.rootless && device.access !== undefined && device.access !== 'rwm')
    .map(
      ({ device }) => `the access "${device.access}" to ${device.source} is not enforced: a plain user's containers have no device rules`,
    )
}

/** What a spec needs for devices and shared memory. */
export function kernelResources(
  input: SpecInput,
  tuning: ContainerTuning,
  shmDirectory: string | undefined,
): Pick<ResourcesInput, 'devices' | 'deviceRules' | 'shmSizeBytes' | 'shmDirectory'> {
  const { devices, deviceRules, shmSizeBytes, ipcNamespace } = tuning
  return {
    ...(devices !== undefined && { devices: withoutTwins([...devices.flatMap(nodesOf), ...(input.resources?.devices ?? [])]) }),
    ...(deviceRules !== undefined && { deviceRules: deviceRules.map(parseRule) }),
    ...(shmDirectory !== undefined && { shmDirectory }),
    ...(ipcNamespace === 'none' ? { shmSizeBytes: 'none' as const } : shmSizeBytes !== undefined && { shmSizeBytes }),
  }
}

function nodesOf({ source, target, access }: ContainerDevice): readonly DeviceInput[] {
  const place = target ?? source
  if (!posix.isAbsolute(source) || !posix.isAbsolute(place) || posix.normalize(place) === '/') {
    throw invalid(`the device ${source} cannot be ${place} in the container: both are absolute paths`)
  }
  if (access !== undefined && !/^[rwm]{1,3}$/.test(access))
    throw invalid(`invalid access "${access}" to the device ${source}: it is of r, w and m`)
  let nodes: readonly DeviceInput[] | undefined
  try {
    nodes = devicesAt(source, posix.normalize(place))
  } catch (error) {
    throw invalid(`cannot use the device ${source}: ${messageOf(error)}`)
  }
  if (nodes === undefined || nodes.length === 0) throw invalid(`cannot use the device ${source}: it is no device node`)
  return access === undefined ? nodes : nodes.map((node) => ({ ...node, access }))
}

/** The first of those with one place in the container. */
function withoutTwins(devices: readonly DeviceInput[]): readonly DeviceInput[] {
  const byTarget = new Map<string, DeviceInput>()
  for (const device of devices) if (!byTarget.has(device.target ?? device.source)) byTarget.set(device.target ?? device.source, device)
  return [...byTarget.values()]
}

function parseRule(text: string): DeviceRuleInput {
  const [, type, major, minor, access] = /^([abc]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text) ?? []
  if (type === undefined || access === undefined) {
    throw invalid(`invalid device rule "${text}"`, 'It is TYPE MAJOR:MINOR ACCESS, as in "c 42:* rwm".')
  }
  return { type: type as DeviceRuleInput['type'], ...numbered('major', major), ...numbered('minor', minor), access }
}

function numbered(name: 'major' | 'minor', text: string | undefined): Partial<Pick<DeviceRuleInput, 'major' | 'minor'>> {
  return text === undefined || text === '*' ? {} : { [name]: Number(text) }
}
