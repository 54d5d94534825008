/** A device node that a container gets (SPEC.md, "OCI Edits"). What is left out is as on the host. */
export interface CdiDeviceNode {
  /** In the container. */
  readonly path: string
  /** On the host. @default path */
  readonly hostPath?: string
  /** `b` block, `c` or `u` character, `p` FIFO. */
  readonly type?: 'b' | 'c' | 'u' | 'p'
  readonly major?: number
  readonly minor?: number
  /** Permission bits. @default what the runtime gives */
  readonly fileMode?: number
  /** What the devices control group allows: of `r`, `w` and `m`; `none`: nothing. @default 'rwm' */
  readonly permissions?: string
  /** In the container. @default that of its process */
  readonly uid?: number
  /** In the container. @default that of its process */
  readonly gid?: number
}

/** A mount that a container gets. */
export interface CdiMount {
  readonly hostPath: string
  readonly containerPath: string
  /** As after `mount -o`. */
  readonly options?: readonly string[]
  /** Of the file system. @default a bind mount */
  readonly type?: string
}

/** The moments at which the runtime runs a program (runtime-spec v1.2, "POSIX-platform Hooks"). */
export const hookNames = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const

/** A program that the runtime runs. */
export interface CdiHook {
  readonly hookName: (typeof hookNames)[number]
  /** Absolute. */
  readonly path: string
  /** Its whole argv, the name first. */
  readonly args?: readonly string[]
  /** `NAME=VALUE` */
  readonly env?: readonly string[]
  /** In seconds. */
  readonly timeout?: number
}

/** Limits of caches and memory bandwidth by resctrl; since 0.7.0. */
export interface CdiIntelRdt {
  readonly closID?: string
  readonly l3CacheSchema?: string
  readonly memBwSchema?: string
  /** Since 1.1.0. */
  readonly schemata?: readonly string[]
  /** Until 1.0.0. */
  readonly enableCMT?: boolean
  /** Until 1.0.0. */
  readonly enableMBM?: boolean
  /** Since 1.1.0. */
  readonly enableMonitoring?: boolean
}

/** A network interface of the host that is moved into the container; since 1.1.0. */
export interface CdiNetDevice {
  readonly hostInterfaceName: string
  /** In the container. */
  readonly name: string
}

/** What is to be changed in a container's config.json (SPEC.md, "OCI Edits"). */
export interface ContainerEdits {
  /** `NAME=VALUE` */
  readonly env?: readonly string[]
  readonly deviceNodes?: readonly CdiDeviceNode[]
  readonly mounts?: readonly CdiMount[]
  readonly hooks?: readonly CdiHook[]
  /** Further groups of the process; 0 means nothing. Since 0.7.0. */
  readonly additionalGids?: readonly number[]
  readonly intelRdt?: CdiIntelRdt
  readonly netDevices?: readonly CdiNetDevice[]
}

/** A device of a spec. */
export interface CdiDevice {
  readonly name: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly containerEdits: ContainerEdits
}

/** A vendor's file (SPEC.md, "JSON Definition"). */
export interface CdiSpec {
  readonly cdiVersion: string
  /** `vendor.com/class` */
  readonly kind: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly devices: readonly CdiDevice[]
  /** What every container gets that has any of the devices, once. */
  readonly containerEdits?: ContainerEdits
}
