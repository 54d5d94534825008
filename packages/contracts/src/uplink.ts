import type { AbortOptions } from '@podwright/conventions'
import type { PublishedPort } from './container-ports.ts'

/** Which program is the way out, and what it is told. */
export type UplinkChoice = PastaChoice | SlirpChoice

/** pasta(1). */
export interface PastaChoice {
  readonly program: 'pasta'
  /** Its own options, which go before the engine's: `--mtu`, `1400`. @default none */
  readonly arguments?: readonly string[] | undefined
}

/** slirp4netns(1). */
export interface SlirpChoice {
  readonly program: 'slirp4netns'
  /** Whether the second address of its network leads to the host's loopback. @default false */
  readonly hostLoopback?: boolean | undefined
  /** Bytes. @default 65520 */
  readonly mtu?: number | undefined
  /** Network inside, in IPv4: `10.0.2.0/24`. @default '10.0.2.0/24' */
  readonly cidr?: string | undefined
  /** @default whether the host has a default route of IPv6 */
  readonly ipv6?: boolean | undefined
  /** Address or interface of the host that packets of IPv4 leave from. */
  readonly outboundAddress?: string | undefined
  /** The same of IPv6. */
  readonly outboundAddress6?: string | undefined
}

/** A network namespace that wants a way out. */
export interface UplinkTarget {
  /** A process in it; the uplink ends when the namespace does. */
  readonly pid: number
  /** Directory for the uplink's sockets, logs and pid file. */
  readonly directory: string
  /** Words that lead a command to where the process's namespaces may be opened, when they may not be from here. @default none */
  readonly prefix?: readonly string[] | undefined
  /** Ports of the host that lead into it. @default none */
  readonly ports?: readonly PublishedPort[] | undefined
}

/** What an uplink set up inside. */
export interface UplinkState {
  /** Its process, in our pid namespace. */
  readonly pid: number
  readonly addresses: readonly string[]
  /** Name servers reachable from inside, to be written to resolv.conf. */
  readonly nameServers: readonly string[]
}

/** The way from a rootless network namespace to the host's network: pasta, slirp4netns. Implemented by `network`. */
export interface Uplink {
  readonly name: string
  /** Name servers that `connect` will make reachable; known before it runs. */
  nameServers(): readonly string[]
  /** @throws `ERR_PORT_IN_USE`, `ERR_PORT_NOT_ALLOWED`, `ERR_PORT_PROTOCOL` before anything is set up */
  connect(target: UplinkTarget, options?: AbortOptions): Promise<UplinkState>
}
