/** What goes into /etc/hosts. */
export interface HostsFileInput {
  /** The host's own file, whose lines come first. @default localhost alone */
  readonly base?: string | undefined
  /** The container's address; 127.0.1.1 when it has none. */
  readonly address?: string | undefined
  /** Its own names: host name and container name. */
  readonly names: readonly string[]
  /** `--add-host`: later ones win in lookups of libc when they come first, so they do. */
  readonly entries?: readonly { readonly address: string; readonly name: string }[] | undefined
}

/** Text of /etc/hosts. */
export function hostsFile(input: HostsFileInput): string {
  throw new Error(`unfinished ${input.names.length}`)
}

/** What goes into /etc/resolv.conf. */
export interface ResolvConfInput {
  /** The host's file. */
  readonly base?: string | undefined
  /** Whether name servers on the loopback of the host can't be reached from inside. */
  readonly privateNetwork: boolean
  /** Replacing the host's. */
  readonly nameServers?: readonly string[] | undefined
  readonly searchDomains?: readonly string[] | undefined
  readonly options?: readonly string[] | undefined
}

/** Text of /etc/resolv.conf. */
export function resolvConf(input: ResolvConfInput): string {
  throw new Error(`unfinished ${input.privateNetwork}`)
}

/** Text of /run/.containerenv, in Podman's shell-readable form. */
export function containerEnvFile(input: {
  readonly engineVersion: string
  readonly name: string
  readonly id: string
  readonly imageName: string
  readonly imageId: string
  readonly rootless: boolean
}): string {
  throw new Error(`unfinished ${input.name}`)
}
