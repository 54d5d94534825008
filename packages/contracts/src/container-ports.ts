/** Transport protocol of a port. */
export type PortProtocol = 'tcp' | 'udp' | 'sctp'

/** Ports of a container, one after the other. */
export interface PortRange {
  /** The first one, from 1 to 65535. */
  readonly containerPort: number
  /** How many. @default 1 */
  readonly count?: number | undefined
  readonly protocol: PortProtocol
}

/** Ports of the host that lead to ports of a container. */
export interface PortMapping extends PortRange {
  /** The first one on the host. @default free ones, chosen when the container is made */
  readonly hostPort?: number | undefined
  /** An IPv4 or IPv6 address of the host, without brackets. @default all of them, of both kinds */
  readonly hostAddress?: string | undefined
}

/** A mapping of a container. */
export interface PublishedPort extends PortMapping {
  readonly hostPort: number
  /** The host's ports were chosen for it: nobody has asked for these numbers. */
  readonly chosen?: boolean | undefined
}

/** Part of the options of a container. */
export interface ContainerPortOptions {
  /** Ports of the host that lead to it. Without a network of its own there is nothing to lead to: they are left out then, with a warning. */
  readonly ports?: readonly PortMapping[] | undefined
  /** Publish what the image and `exposedPorts` expose on ports of the host that are free. @default false */
  readonly publishAllPorts?: boolean | undefined
  /** Ports that it listens on, besides the image's: they tell, and open nothing. */
  readonly exposedPorts?: readonly PortRange[] | undefined
}
