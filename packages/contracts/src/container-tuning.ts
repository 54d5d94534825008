import type { IdMap } from './namespace.ts'

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
  /** What /etc/hosts begins with: a file of the host by its absolute path, or `none`. @default the host's /etc/hosts */
  readonly hostsFile?: string | undefined
  /** Leave the image's /etc/hostname as it is. @default false */
  readonly noHostname?: boolean | undefined
  /** Directories in it, absolute, that programs make their root: they have its /etc/hosts, /etc/hostname and /etc/resolv.conf, too. */
  readonly chrootDirectories?: readonly string[] | undefined
  /** NIS domain name of its uts namespace. */
  readonly domainName?: string | undefined
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
  /** The same of a file that gets its monitor's. */
  readonly monitorPidFile?: string | undefined
  /** SIGKILL after so many seconds. */
  readonly timeLimitSeconds?: number | undefined
  /** An init that forwards signals and reaps: `true`: catatonit; or an absolute path on the host. */
  readonly init?: true | string | undefined
  /**
   * Whether /etc/passwd and /etc/group get lines of ours: for who keeps their ids in a user namespace, for `hostUsers`, and where `passwdEntry` or `groupEntry` is
   * given for a user whose number they don't have. They are written into the container's tree when it is made. @default true
   */
  readonly accounts?: boolean | undefined
  /** In place of the line that is made for the container's user: `$USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh`. */
  readonly passwdEntry?: string | undefined
  /** The same for /etc/group: `$GROUPNAME:x:$GID:$USERLIST`. */
  readonly groupEntry?: string | undefined
  /** Users of the host, by name or id, whom it is to know. */
  readonly hostUsers?: readonly string[] | undefined
  /**
   * What a service manager that waits for a notification (sd_notify(3), NOTIFY_SOCKET) is told at a start: the monitor as the main process, and with `conmon` that
   * it is ready; with `healthy` that once its health check says so, which `start` waits for; with `container` that is for the container to tell, by a socket of
   * its own; with `ignore` nothing. @default 'container'
   */
  readonly notify?: 'container' | 'conmon' | 'healthy' | 'ignore' | undefined
  /**
   * Whether it gets what systemd needs as its first process, and is stopped as systemd is: `true` when that is what it runs, `always` in any case.
   *
   * @default true
   */
  readonly systemd?: boolean | 'always' | undefined
  /** Containers, by name or beginning of the id, that are started before it when they don't run, and that are not removed while it is there. */
  readonly requires?: readonly string[] | undefined
  /** Execution domain (personality(2)). */
  readonly personality?: 'LINUX' | 'LINUX32' | undefined
}

/** A device of the host, or a directory of them. */
export interface ContainerDevice {
  /** Absolute path on the host. */
  readonly source: string
  /** In the container. @default source */
  readonly target?: string | undefined
  /** Of `r`, `w` and `m` (mknod). A plain user's containers can do what the file permits. @default 'rwm' */
  readonly access?: string | undefined
}

/** GPUs, of the vendor that has described some (CDI). What is asked for is `deviceIds`, or else `count`. */
export interface GpuRequest {
  /** `nvidia`, `amd`, `intel`; `cdi`: `deviceIds` are full names. @default the first of the three that has any */
  readonly driver?: string | undefined
  /** The first so many of them. @default 1 */
  readonly count?: number | 'all' | undefined
  /** What their vendor calls them: an index, a UUID. */
  readonly deviceIds?: readonly string[] | undefined
  /** Of the driver: `compute`, `utility`, … A described device has all that there are. */
  readonly capabilities?: readonly string[] | undefined
}

/** Another container, by name or beginning of its id, whose namespace is joined at each start; it must run then. */
export interface JoinedNamespace {
  readonly container: string
}

/** A namespace that somebody has made: its file, as `/proc/PID/ns/KIND`, by its absolute path (namespaces(7)). */
export interface NamespaceAtPath {
  readonly path: string
}

/** Whose namespace a container is in. */
export type NamespaceChoice = 'private' | 'host' | JoinedNamespace | NamespaceAtPath

/**
 * The user namespace of a container. A plain user's is inside of the one that all their containers share: there, 0 is that user.
 * - `host`: that of the engine, for root the host's.
 * - `keep-id`: one in which this user is `uid` and `gid`, by default as on the host. Only for plain users.
 * - `nomap`: one in which this user is nobody. Only for plain users.
 * - `private`: one with these ids, those outside as the engine sees them.
 * - `sub-ids`: one with the ids that /etc/subuid and /etc/subgid lend to these names. Only for root.
 */
export type UserNamespace =
  | { readonly mode: 'host' }
  | { readonly mode: 'nomap' }
  | { readonly mode: 'keep-id'; readonly uid?: number | undefined; readonly gid?: number | undefined }
  | { readonly mode: 'private'; readonly idMap: IdMap }
  | { readonly mode: 'sub-ids'; readonly uidName: string; readonly gidName: string }

/** What of the kernel a container has. */
export interface ContainerKernelOptions {
  /** Absolute paths inside that are hidden, besides those that always are; also of a privileged one. */
  readonly maskedPaths?: readonly string[] | undefined
  /** Absolute paths inside, `*` for a part of a name, that are neither hidden nor read-only though they are by default; `ALL`: all of them. */
  readonly unmaskedPaths?: readonly string[] | undefined
  /** With a read-only root: whether /run, /tmp and /var/tmp are file systems in memory. @default true */
  readonly readOnlyTmpfs?: boolean | undefined
  /** Of /dev/shm. @default 65536000 */
  readonly shmSizeBytes?: number | undefined
  /** Of each file system in memory that is there for systemd; 0 is no limit. Without systemd there are none. @default the kernel's, half of the memory */
  readonly systemdShmSizeBytes?: number | undefined
  /** Settings of its own namespaces (sysctl(8)), by name. */
  readonly sysctls?: Readonly<Record<string, string>> | undefined
  readonly devices?: readonly ContainerDevice[] | undefined
  /** Devices that their vendors have described (CDI), by full name: `nvidia.com/gpu=0`. They are looked up at each start. */
  readonly cdiDevices?: readonly string[] | undefined
  /** They are looked up at each start, too. */
  readonly gpus?: readonly GpuRequest[] | undefined
  /** Absolute paths of directories with these descriptions. @default the engine's */
  readonly cdiSpecDirectories?: readonly string[] | undefined
  /** As the devices control group has them: `c 42:* rmw`. */
  readonly deviceRules?: readonly string[] | undefined
  /** @default 'private' */
  readonly pidNamespace?: NamespaceChoice | undefined
  /**
   * `none`: private, without /dev/shm; `shareable`: private, but others may join it, and have the same /dev/shm. With a path, /dev/shm is the container's own.
   *
   * @default 'private'
   */
  readonly ipcNamespace?: NamespaceChoice | 'none' | 'shareable' | undefined
  /** Of another's, the host name comes along. @default 'private' */
  readonly utsNamespace?: NamespaceChoice | undefined
  /** @default 'host' */
  readonly userNamespace?: UserNamespace | undefined
  /** @default 'private' on cgroup v2, else 'host' */
  readonly cgroupNamespace?: NamespaceChoice | undefined
}

/** How fast a container may read from or write to a block device of the host. */
export interface DeviceThrottle {
  /** Absolute path of the device. */
  readonly device: string
  readonly kind: 'read-bps' | 'write-bps' | 'read-iops' | 'write-iops'
  /** Bytes, or operations, a second. */
  readonly rate: number
}

/** Limits by control groups. */
export interface ContainerResources {
  readonly memoryBytes?: number | undefined
  /** Memory and swap together; -1: without limit. @default twice the memory */
  readonly memorySwapBytes?: number | undefined
  readonly memoryReservationBytes?: number | undefined
  /** From 0 to 100. */
  readonly memorySwappiness?: number | undefined
  /** How many processors' time it gets at most. */
  readonly cpus?: number | undefined
  readonly cpuShares?: number | undefined
  readonly cpuQuotaMicros?: number | undefined
  readonly cpuPeriodMicros?: number | undefined
  /** `0-3`, `0,1`. */
  readonly cpusetCpus?: string | undefined
  readonly cpusetMems?: string | undefined
  /** -1: without limit. @default 2048 */
  readonly pidsLimit?: number | undefined
  /** Real-time scheduling: its period, and the part of it that may be used. */
  readonly cpuRealtimePeriodMicros?: number | undefined
  readonly cpuRealtimeRuntimeMicros?: number | undefined
  /** From 10 to 1000. */
  readonly blockWeight?: number | undefined
  /** The same for one device, by its absolute path. */
  readonly blockDeviceWeights?: Readonly<Record<string, number>> | undefined
  readonly deviceThrottles?: readonly DeviceThrottle[] | undefined
  readonly oomKillDisable?: boolean | undefined
  /** Files of its control group in cgroup v2, and what is written to them, besides those above: `memory.high`, `1073741824`. */
  readonly unified?: Readonly<Record<string, string>> | undefined
}

/** What a container has beyond the defaults. */
export interface ContainerTuning extends ContainerNameOptions, ContainerProcessOptions, ContainerKernelOptions {
  readonly resources?: ContainerResources | undefined
  /** The control group below which it has its own: an absolute path below the root of each hierarchy. @default '/podwright' */
  readonly cgroupParent?: string | undefined
  /** Class of service that it shares caches and memory bandwidth by (resctrl): a directory of /sys/fs/resctrl. For root. @default the host's */
  readonly rdtClass?: string | undefined
  /** Handed on to the runtime. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}
