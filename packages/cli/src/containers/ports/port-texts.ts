import type { ContainerDetails, PortMapping, PortRange, PublishedPort } from '@podwright/contracts'
import type { ImageRunConfig } from '@podwright/oci'

/** One mapping, port by port. */
export interface SinglePort {
  /** `80/tcp` */
  readonly container: string
  /** `0.0.0.0` for all addresses, of IPv6 too. */
  readonly hostAddress: string
  readonly hostPort: number
}

/** What `ps` and `port` show for all addresses of the host. */
const everywhere = '0.0.0.0'

/** Each port of mappings by itself, in the order of the container's. */
export function singlePorts(ports: readonly PublishedPort[]): readonly SinglePort[] {
  return ports
    .flatMap(({ containerPort, hostPort, hostAddress = everywhere, count = 1, protocol }) =>
      Array.from({ length: count }, (_, index) => ({
        port: containerPort + index,
        container: `${containerPort + index}/${protocol}`,
        hostAddress,
        hostPort: hostPort + index,
      })),
    )
    .toSorted((a, b) => a.port - b.port)
    .map(({ port: _port, ...single }) => single)
}

/** What `ps` shows: `0.0.0.0:8080->80/tcp, 127.0.0.1:5000-5003->5000-5003/udp`. */
export function portsText(ports: readonly PublishedPort[]): string {
  return ports
    .map(
      ({ hostAddress = everywhere, hostPort, ...range }) =>
        `${placeText(hostAddress, numbers(hostPort, range.count))}->${rangeText(range)}`,
    )
    .join(', ')
}

/** A place on the host: `127.0.0.1:80`, `[::1]:80`. */
export function placeText(address: string, port: string | number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** As `--publish` takes it. */
export function mappingText({ hostAddress, hostPort, ...range }: PortMapping): string {
  const inside = rangeText(range)
  const outside = hostPort === undefined ? '' : numbers(hostPort, range.count)
  if (hostAddress !== undefined) return `${placeText(hostAddress, outside)}:${inside}`
  return outside === '' ? inside : `${outside}:${inside}`
}

/** As `--expose` takes it: `80/tcp`, `8000-8010/udp`. */
export function rangeText({ containerPort, count, protocol }: PortRange): string {
  return `${numbers(containerPort, count)}/${protocol}`
}

function numbers(first: number, count = 1): string {
  return count === 1 ? String(first) : `${first}-${first + count - 1}`
}

/** A mapping in podman's `ps --format json`. */
export function portRecord({ hostAddress, hostPort, containerPort, count, protocol }: PublishedPort): object {
  return { host_ip: hostAddress ?? '', container_port: containerPort, host_port: hostPort, range: count ?? 1, protocol }
}

/** Mappings as `inspect` shows them, in docker's and podman's shape. */
export function portBindings(ports: readonly PublishedPort[]): Readonly<Record<string, readonly object[]>> {
  const bindings: Record<string, object[]> = {}
  for (const { container, hostAddress, hostPort } of singlePorts(ports)) {
    ;(bindings[container] ??= []).push({ HostIp: hostAddress, HostPort: String(hostPort) })
  }
  return bindings
}

/** What a container is said to listen on: by its image, by options, and since it is published. */
export function exposedPorts({ options, ports }: ContainerDetails, image: Pick<ImageRunConfig, 'ExposedPorts'>): readonly string[] {
  const said = Object.keys(image.ExposedPorts ?? {}).map((port) => (port.includes('/') ? port : `${port}/tcp`))
  const ranges = [...(options.exposedPorts ?? []), ...ports].flatMap(({ containerPort, count = 1, protocol }) =>
    Array.from({ length: count }, (_, index) => `${containerPort + index}/${protocol}`),
  )
  return [...new Set([...said, ...ranges])]
}
