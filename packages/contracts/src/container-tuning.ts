/** A line of a container's /etc/hosts. */
export interface HostEntry {
  readonly name: string
  /** IPv4 or IPv6. */
  readonly address: string
}

/** How names are resolved in a container. */
export interface ContainerNameOptions {
  /** They come first in /etc/hosts. */
  readonly extraHosts?: readonly HostEntry[] | undefined
  /** Leave the image's /etc/hosts as it is. @default false */
  readonly noHosts?: boolean | undefined
  /** In place of the host's; `none`: leave the image's /etc/resolv.conf as it is. */
  readonly nameServers?: readonly string[] | 'none' | undefined
  /** In place of the host's; `.` alone: none. */
  readonly searchDomains?: readonly string[] | undefined
  /** In place of the host's: `ndots:3`. */
  readonly resolverOptions?: readonly string[] | undefined
}

/** What a container's process is given. */
export interface ContainerProcessOptions {
  /** Names in the image's /etc/group, or ids. */
  readonly additionalGroups?: readonly string[] | undefined
  /** It keeps the groups that this process has, also those that have no name inside. Needs crun. @default false */
  readonly keepGroups?: boolean | undefined
  /** @default 0o022 */
  readonly umask?: number | undefined
  /** From -1000 to 1000; a plain user cannot go below their own. */
  readonly oomScoreAdj?: number | undefined
  /** A file below /usr/share/zoneinfo, as `Europe/Berlin`; `local`: the host's. */
  readonly timeZone?: string | undefined
  /** Names of variables, the image's or default ones, that are left out; `all` of them. */
  readonly unsetEnvironment?: readonly string[] | 'all' | undefined
  /** Absolute path on the host of a file that gets the process's id at each start. */
  readonly pidFile?: string | undefined
  /** SIGKILL after so many seconds. */
  readonly timeLimitSeconds?: number | undefined
  /** An init that forwards signals and reaps: `true`: catatonit; or an absolute path on the host. */
  readonly init?: true | string | undefined
  /** Execution domain (personality(2)). */
  readonly personality?: 'LINUX' | 'LINUX32' | undefined
}

/** What a container has beyond the defaults. */
export interface ContainerTuning extends ContainerNameOptions, ContainerProcessOptions {
  /** Handed on to the runtime. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}
