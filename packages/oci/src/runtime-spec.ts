/** A user inside the container (runtime-spec v1.2, "POSIX process"). */
export interface RuntimeUser {
  readonly uid: number
  readonly gid: number
  readonly umask?: number
  readonly additionalGids?: readonly number[]
  readonly username?: string
}

/** Names as in capabilities(7), with `CAP_`. */
export interface RuntimeCapabilities {
  readonly bounding?: readonly string[]
  readonly effective?: readonly string[]
  readonly inheritable?: readonly string[]
  readonly permitted?: readonly string[]
  readonly ambient?: readonly string[]
}

/** runtime-spec v1.2, "Process". */
export interface RuntimeProcess {
  readonly terminal?: boolean
  readonly consoleSize?: { readonly height: number; readonly width: number }
  readonly user: RuntimeUser
  readonly args: readonly string[]
  readonly env?: readonly string[]
  readonly cwd: string
  readonly capabilities?: RuntimeCapabilities
  readonly rlimits?: readonly { readonly type: string; readonly soft: number; readonly hard: number }[]
  readonly noNewPrivileges?: boolean
  readonly apparmorProfile?: string
  readonly selinuxLabel?: string
  readonly oomScoreAdj?: number
}

/** runtime-spec v1.2, "Mounts". */
export interface RuntimeMount {
  readonly destination: string
  readonly type?: string
  readonly source?: string
  readonly options?: readonly string[]
}

/** runtime-spec v1.2, "Linux namespaces". Without `path`, a new one. */
export interface RuntimeNamespace {
  readonly type: 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time'
  readonly path?: string
}

/** runtime-spec v1.2, "Seccomp". */
export interface RuntimeSeccomp {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly flags?: readonly string[]
  readonly syscalls?: readonly {
    readonly names: readonly string[]
    readonly action: string
    readonly errnoRet?: number
    readonly args?: readonly { readonly index: number; readonly value: number; readonly valueTwo?: number; readonly op: string }[]
  }[]
}

/** One line of an id map, in the runtime-spec's spelling. */
export interface RuntimeIdMapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}

/** runtime-spec v1.2, "Linux-specific configuration"; what podwright writes of it. */
export interface RuntimeLinux {
  readonly namespaces: readonly RuntimeNamespace[]
  readonly uidMappings?: readonly RuntimeIdMapping[]
  readonly gidMappings?: readonly RuntimeIdMapping[]
  readonly devices?: readonly {
    readonly type: 'c' | 'b' | 'u' | 'p'
    readonly path: string
    readonly major?: number
    readonly minor?: number
    readonly fileMode?: number
    readonly uid?: number
    readonly gid?: number
  }[]
  readonly cgroupsPath?: string
  readonly resources?: Readonly<Record<string, unknown>>
  readonly sysctl?: Readonly<Record<string, string>>
  readonly seccomp?: RuntimeSeccomp
  readonly rootfsPropagation?: string
  /** Execution domain of the process (personality(2)). */
  readonly personality?: { readonly domain: 'LINUX' | 'LINUX32' }
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
  readonly mountLabel?: string
  /** resctrl(5). */
  readonly intelRdt?: {
    readonly closID?: string
    readonly l3CacheSchema?: string
    readonly memBwSchema?: string
    readonly schemata?: readonly string[]
    readonly enableCMT?: boolean
    readonly enableMBM?: boolean
    readonly enableMonitoring?: boolean
  }
  /** Network interfaces of the host that are moved into the container, by their name there; since runtime-spec v1.3. */
  readonly netDevices?: Readonly<Record<string, { readonly name?: string }>>
}

/** A program that the runtime runs (runtime-spec v1.2, "POSIX-platform Hooks"). */
export interface RuntimeHook {
  readonly path: string
  readonly args?: readonly string[]
  readonly env?: readonly string[]
  /** In seconds. */
  readonly timeout?: number
}

/** By the moment at which they are run, each list in its order. */
export interface RuntimeHooks {
  readonly prestart?: readonly RuntimeHook[]
  readonly createRuntime?: readonly RuntimeHook[]
  readonly createContainer?: readonly RuntimeHook[]
  readonly startContainer?: readonly RuntimeHook[]
  readonly poststart?: readonly RuntimeHook[]
  readonly poststop?: readonly RuntimeHook[]
}

/** A bundle's config.json (runtime-spec v1.2, "Configuration"). */
export interface RuntimeSpec {
  readonly ociVersion: string
  readonly process: RuntimeProcess
  readonly root: { readonly path: string; readonly readonly?: boolean }
  readonly hostname?: string
  readonly domainname?: string
  readonly mounts: readonly RuntimeMount[]
  readonly hooks?: RuntimeHooks
  readonly linux: RuntimeLinux
  readonly annotations?: Readonly<Record<string, string>>
}
