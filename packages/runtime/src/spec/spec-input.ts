import type { IdMap, ResourceLimit } from '@podwright/contracts'
import type { CgroupMode, LimitFacts } from '@podwright/linux'
import type { ImageRunConfig, RuntimeLinux, RuntimeMount, RuntimeSpec } from '@podwright/oci'
import type { SeccompProfile } from '../seccomp/seccomp-profile.ts'

/** `private`: a new namespace; `host`: the engine's own (when rootless, that of its pause process); a path: an existing one. */
export type NamespaceMode = 'private' | 'host' | { readonly path: string }

/** What a spec depends on of the machine and the namespaces it is for; `readHostFacts` reads them. */
export interface HostFacts {
  /** Whether the runtime works inside a user namespace without privileges over the host. */
  readonly rootless: boolean
  /** Of that user namespace; undefined: all ids are mapped. */
  readonly idMap?: IdMap | undefined
  readonly cgroupMode: CgroupMode
  /** Node's name: `x64`, `arm64`. */
  readonly architecture: string
  /** Kernel release, `6.1.0-13-amd64`. */
  readonly kernel: string
  /** Names, with `CAP_`, of what the runtime itself may hand on: the bounding set where it runs. */
  readonly capabilities: readonly string[]
  /** The limits of this process, by name: what can be asked for without CAP_SYS_RESOURCE. */
  readonly limits: ReadonlyMap<string, LimitFacts>
  /** Whether limits may be raised above the hard ones. */
  readonly mayRaiseLimits: boolean
  /** Of this process. A process without privileges may not go below it. */
  readonly oomScoreAdj: number
  /** The host's name. */
  readonly hostname: string
  /** Whether message queues are mounted, at /dev/mqueue. */
  readonly hasMessageQueues: boolean
}

/** A bind mount of a host path (mount_namespaces(7)). */
export interface BindMountInput {
  readonly type: 'bind'
  /** Absolute path on the host. */
  readonly source: string
  /** Absolute path in the container. */
  readonly target: string
  readonly readOnly?: boolean | undefined
  /** As after `mount -o`: a propagation (`rprivate` by default), `bind` instead of `rbind`, `nosuid`, `nodev`, `noexec`, … */
  readonly options?: readonly string[] | undefined
}

/** A tmpfs in the container. */
export interface TmpfsMountInput {
  readonly type: 'tmpfs'
  readonly target: string
  readonly readOnly?: boolean | undefined
  /** Replacing and added to `rw,rprivate,nosuid,nodev,tmpcopyup`: `size=64m`, `mode=1777`, `noexec`, `notmpcopyup`. */
  readonly options?: readonly string[] | undefined
}

/** A mount as the runtime-spec has it, for what the two others don't cover. */
export interface RawMountInput {
  readonly type: 'raw'
  readonly mount: RuntimeMount
}

/** A mount that someone asked for. It takes the place of a default one with the same target. */
export type MountInput = BindMountInput | TmpfsMountInput | RawMountInput

/** Host paths of the files that the engine keeps for each container. A missing one isn't mounted. */
export interface ContainerFiles {
  readonly hosts?: string | undefined
  readonly hostname?: string | undefined
  readonly resolvConf?: string | undefined
  /** Marks the inside of a container, at /run/.containerenv. */
  readonly containerEnv?: string | undefined
  /** Its time zone, at /etc/localtime. */
  readonly localTime?: string | undefined
  /** A static init such as catatonit, bound to /run/podwright-init, that then runs the command. */
  readonly init?: string | undefined
}

/** A device that a container gets. */
export interface DeviceInput {
  /** On the host, absolute. */
  readonly source: string
  /** In the container. @default source */
  readonly target?: string | undefined
  /** Of `r`, `w`, `m`. @default 'rwm' */
  readonly access?: string | undefined
  readonly type: 'c' | 'b'
  readonly major: number
  readonly minor: number
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** A rule of the devices control group (runtime-spec, config-linux, "Allowed Device list"). */
export interface DeviceRuleInput {
  /** `a`: both kinds. */
  readonly type: 'a' | 'b' | 'c'
  /** @default all */
  readonly major?: number | undefined
  /** @default all */
  readonly minor?: number | undefined
  readonly access: string
}

/** What the process in the container is. */
export interface ProcessInput {
  /** How the image says to run it. */
  readonly image?: ImageRunConfig | undefined
  /** Replaces the image's Entrypoint, and with it the image's Cmd; `[]` or `['']` takes it away. */
  readonly entrypoint?: readonly string[] | undefined
  /** Replaces the image's Cmd. */
  readonly command?: readonly string[] | undefined
  /** Added to and replacing the image's variables. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Names of variables, the image's and default ones, that are left out, or `all` of them; HOME and HOSTNAME then have their defaults. */
  readonly unsetEnvironment?: readonly string[] | 'all' | undefined
  /** @default the image's, else `/` */
  readonly workingDirectory?: string | undefined
  /** `user`, `uid`, `user:group`, `uid:gid`. @default the image's, else root */
  readonly user?: string | undefined
  /** Names or ids of further groups. */
  readonly additionalGroups?: readonly string[] | undefined
  /** Text of the root file system's /etc/passwd; empty when it has none. */
  readonly passwd: string
  /** Text of its /etc/group. */
  readonly group: string
  /** @default false */
  readonly terminal?: boolean | undefined
  /** Of the client's terminal, in characters. The way to a right size from the first instruction on; changes go through `attach`. */
  readonly consoleSize?: { readonly rows: number; readonly columns: number } | undefined
  /** @default 0o022 */
  readonly umask?: number | undefined
}

/** What the process may do. */
export interface SecurityInput {
  /** All capabilities and devices, nothing masked, no seccomp. @default false */
  readonly privileged?: boolean | undefined
  /** Names with or without `CAP_`, in any case, or `ALL`. */
  readonly capabilitiesAdd?: readonly string[] | undefined
  readonly capabilitiesDrop?: readonly string[] | undefined
  readonly noNewPrivileges?: boolean | undefined
  /** What `loadSeccompProfile` gives; undefined: unconfined. It is resolved for the host and the process's capabilities. */
  readonly seccomp?: SeccompProfile | undefined
  readonly apparmorProfile?: string | undefined
  readonly selinuxLabel?: string | undefined
  readonly mountLabel?: string | undefined
  /** Further paths to hide. */
  readonly maskedPaths?: readonly string[] | undefined
  /** Paths that are neither hidden nor made read-only though they are by default; `ALL` for all of them. */
  readonly unmaskedPaths?: readonly string[] | undefined
}

/** Control groups and limits. */
export interface ResourcesInput {
  /** `disabled`: the container gets none of its own. @default 'enabled' */
  readonly cgroups?: 'enabled' | 'disabled' | undefined
  /** As the runtime's manager wants it: `/parent/id`, or `slice:prefix:id` for systemd. */
  readonly cgroupsPath?: string | undefined
  /** The runtime-spec's resources object, merged over the defaults (devices, pids). */
  readonly resources?: Readonly<Record<string, unknown>> | undefined
  /** Most processes; 0: no limit. @default 2048 where there are cgroups */
  readonly pidsLimit?: number | undefined
  /** Limits asked for, besides the defaults of `nofile` and `nproc`. Never above what the host allows. */
  readonly limits?: readonly ResourceLimit[] | undefined
  readonly oomScoreAdj?: number | undefined
  /** `none`: no /dev/shm at all. @default 65536k */
  readonly shmSizeBytes?: number | 'none' | undefined
  /** A directory of the host that is bound to /dev/shm: file system in memory that others have, too. @default a new one */
  readonly shmDirectory?: string | undefined
  readonly devices?: readonly DeviceInput[] | undefined
  /** Further rules of the devices control group; not for a rootless runtime. */
  readonly deviceRules?: readonly DeviceRuleInput[] | undefined
}

/** Which namespaces are new. */
export interface NamespacesInput {
  /** `none` is a new one, too: nobody connects it. @default 'private' */
  readonly network?: NamespaceMode | 'none' | undefined
  /** @default 'private' */
  readonly pid?: NamespaceMode | undefined
  /** @default 'private' */
  readonly ipc?: NamespaceMode | undefined
  /** @default 'private' */
  readonly uts?: NamespaceMode | undefined
  /** @default 'private' on cgroup v2, else 'host' */
  readonly cgroup?: NamespaceMode | undefined
  /** A new user namespace with these ids, those outside as the runtime sees them. @default the runtime's own */
  readonly user?: IdMap | undefined
}

/** Everything that makes a container's config.json. */
export interface SpecInput {
  /** 64 hex digits; its first 12 are the default host name. */
  readonly id: string
  readonly host: HostFacts
  /** Absolute path of the mounted root. */
  readonly rootfs: string
  /** @default false */
  readonly readOnlyRoot?: boolean | undefined
  /** With `readOnlyRoot`: whether /tmp, /var/tmp, /run and /dev stay writable, as tmpfs. @default true */
  readonly readOnlyTmpfs?: boolean | undefined
  readonly process: ProcessInput
  readonly security?: SecurityInput | undefined
  readonly resources?: ResourcesInput | undefined
  readonly namespaces?: NamespacesInput | undefined
  /** @default the first 12 digits of the id; the host's with a shared uts namespace */
  readonly hostname?: string | undefined
  readonly domainname?: string | undefined
  readonly mounts?: readonly MountInput[] | undefined
  readonly files?: ContainerFiles | undefined
  readonly sysctls?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Laid over the result's `linux` last, for what has no field here. */
  readonly linux?: Partial<RuntimeLinux> | undefined
}

/** A spec, and where the host allowed less than was asked for. */
export interface GeneratedSpec {
  readonly spec: RuntimeSpec
  /** Sentences for the user. */
  readonly warnings: readonly string[]
}
