import type { ContainerOptions } from '@podwright/contracts'

/** The devices that are looked up by name, as docker has them; null where there are none. */
export function deviceRequests({ gpus = [], cdiDevices = [] }: ContainerOptions): readonly object[] | null {
  const requests = [
    ...gpus.map(({ driver = '', count, deviceIds, capabilities = [] }) => ({
      Driver: driver,
      Count: deviceIds !== undefined ? 0 : count === 'all' ? -1 : (count ?? 1),
      DeviceIDs: deviceIds ?? null,
      Capabilities: [[...new Set([...capabilities, 'gpu'])]],
      Options: {},
    })),
    ...(cdiDevices.length === 0 ? [] : [{ Driver: 'cdi', Count: 0, DeviceIDs: cdiDevices, Capabilities: null, Options: null }]),
  ]
  return requests.length === 0 ? null : requests
}
