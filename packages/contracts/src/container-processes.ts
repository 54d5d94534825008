/** A user or group as a container and as the host have it. Names are those of /etc/passwd and /etc/group there. */
export interface ProcessAccount {
  /** In the container; the overflow id, 65534, for one that its user namespace doesn't have. */
  readonly id: number
  /** The number, where it has no name. */
  readonly name: string
  readonly hostId: number
  readonly hostName: string
}

/** A process of a container. Pids are the container's own, but for `hostPid`. */
export interface ContainerProcess {
  readonly pid: number
  readonly hostPid: number
  /** 0 for what was started from outside: the first process, and commands that were run in the container. */
  readonly parentPid: number
  readonly processGroup: number
  readonly session: number
  /** The executable's name, cut to 15 bytes. */
  readonly command: string
  /** Empty for a zombie. */
  readonly args: readonly string[]
  /** `R`, `S`, `D`, `Z`, `T`, … (proc_pid_stat(5)). */
  readonly state: string
  /** `pts/0`; undefined without one. */
  readonly terminal: string | undefined
  readonly startedAt: Date
  readonly elapsedMs: number
  readonly cpuMs: number
  readonly priority: number
  readonly nice: number
  readonly threads: number
  readonly virtualBytes: number
  readonly residentBytes: number
  /** Of the machine's memory; 0 to 1. */
  readonly memoryShare: number
  readonly user: ProcessAccount
  readonly realUser: ProcessAccount
  readonly group: ProcessAccount
  readonly realGroup: ProcessAccount
  /** Supplementary. */
  readonly groups: readonly ProcessAccount[]
  readonly capabilities: Readonly<Record<'ambient' | 'bounding' | 'effective' | 'inheritable' | 'permitted', ProcessCapabilities>>
  readonly seccomp: 'disabled' | 'strict' | 'filter'
  /** Of the security module (SELinux, AppArmor); undefined without one. */
  readonly label: string | undefined
}

/** `full`, or names such as `CAP_CHOWN`, sorted. */
export type ProcessCapabilities = 'full' | readonly string[]
