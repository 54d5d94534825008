import type { ContainerPortOptions, NetworkMode, PortMapping, PortRange, PublishedPort } from '@podwright/contracts'
import { choosePorts, isAddress } from '@podwright/network'
import type { ImageConfig } from '@podwright/oci'
import { EngineError } from '../../errors.ts'
import type { EngineParts } from '../../parts.ts'
import type { ContainerSettings } from '../../state/record.ts'
import { exposedByImage } from './exposed-ports.ts'

/** What a container has of ports, and what is to be said about it. */
export interface PublishedPorts {
  readonly settings: Pick<ContainerSettings, 'ports'>
  readonly warnings: readonly string[]
}

/**
 * The ports of the host that lead to a new container: those asked for, and with `publishAllPorts` one for each that it exposes.
 *
 * @throws EngineError `ERR_CONTAINER_OPTION_INVALID`
 */
export async function publishPorts(
  parts: EngineParts,
  options: ContainerPortOptions & { readonly network?: NetworkMode | undefined },
  image: ImageConfig,
): Promise<PublishedPorts> {
  const { network = 'private', ports = [], publishAllPorts = false, exposedPorts = [] } = options
  for (const range of exposedPorts) checkRange(range, range.containerPort, 'container')
  for (const mapping of ports) checkMapping(mapping)
  refuseOverlaps(ports)
  const exposed = publishAllPorts ? [...exposedByImage(image), ...exposedPorts] : []
  const asked = [...ports, ...exposed.filter((range) => !ports.some((mapping) => covers(mapping, range))).filter(isFirst)]
  if (network !== 'private') return { settings: { ports: undefined }, warnings: asked.length === 0 ? [] : [discarded(network)] }
  const promised = (await parts.store()).list().flatMap((row) => row.ports)
  return { settings: { ports: asked.length === 0 ? undefined : choosePorts(asked, { promised }) }, warnings: [] }
}

function discarded(network: NetworkMode): string {
  if (network.startsWith('container:')) return 'no ports are published: the network is that of another container, which publishes its own'
  if (network.startsWith('ns:')) return 'no ports are published: the network namespace is not ours to lead to'
  const why = network === 'host' ? 'its ports are those of the host' : 'nothing leads to it'
  return `no ports are published: the container is on the network ${network}, where ${why}`
}

function covers(mapping: PortMapping, range: PortRange): boolean {
  return (
    mapping.protocol === range.protocol &&
    mapping.containerPort <= range.containerPort &&
    mapping.containerPort + (mapping.count ?? 1) >= range.containerPort + (range.count ?? 1)
  )
}

function isFirst(range: PortRange, at: number, all: readonly PortRange[]): boolean {
  return all.findIndex((other) => covers(other, range)) === at
}

function checkMapping(mapping: PortMapping): void {
  const { hostPort, hostAddress } = mapping
  checkRange(mapping, mapping.containerPort, 'container')
  if (hostPort !== undefined) checkRange(mapping, hostPort, 'host')
  if (hostAddress !== undefined && !isAddress(hostAddress)) {
    throw invalid(`cannot publish on "${hostAddress}": it is no IP address`, 'Give an IPv4 or IPv6 address of this host: 127.0.0.1, ::1')
  }
}

const lastPort = 65_535

function checkRange({ count = 1 }: PortRange, first: number, whose: 'host' | 'container'): void {
  const isRange = Number.isInteger(first) && Number.isInteger(count) && first >= 1 && count >= 1 && first + count - 1 <= lastPort
  if (!isRange)
    throw invalid(`there is no port ${first}${count > 1 ? `-${first + count - 1}` : ''} of a ${whose}`, `Ports go from 1 to ${lastPort}.`)
}

function refuseOverlaps(ports: readonly PortMapping[]): void {
  const given = ports.filter((mapping): mapping is PublishedPort => mapping.hostPort !== undefined)
  for (const [at, mapping] of given.entries()) {
    const other = given.slice(0, at).find((earlier) => overlap(earlier, mapping))
    if (other === undefined) continue
    const port = Math.max(other.hostPort, mapping.hostPort)
    throw invalid(`two mappings are on the port ${port}/${mapping.protocol} of the host`, 'Give each a port of its own.')
  }
}

function overlap(a: PublishedPort, b: PublishedPort): boolean {
  const sameAddress = a.hostAddress === undefined || b.hostAddress === undefined || a.hostAddress === b.hostAddress
  return sameAddress && a.protocol === b.protocol && a.hostPort < b.hostPort + (b.count ?? 1) && b.hostPort < a.hostPort + (a.count ?? 1)
}

function invalid(message: string, hint: string): EngineError {
  return new EngineError('ERR_CONTAINER_OPTION_INVALID', message, { hint })
}
