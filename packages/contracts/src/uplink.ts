import type { AbortOptions } from '@podwright/conventions'
import type { PublishedPort } from './container-ports.ts'

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
