import type { AbortOptions } from '@podwright/conventions'
import type { Containers } from './engine-containers.ts'
import type { Images } from './engine-images.ts'
import type { Volumes } from './engine-volumes.ts'
import type { Artifacts } from './engine-artifacts.ts'
import type { Manifests } from './engine-manifests.ts'
import type { Registries } from './engine-registries.ts'
import type { EngineEvent, EventOptions } from './engine-events.ts'
import type { Secrets } from './secrets.ts'
import type { EngineCare } from './engine-system.ts'

/** One finding of `doctor`. */
export interface HostFinding {
  /** Stable: `runtime`, `subuid`, `cgroups`, `overlay`. */
  readonly id: string
  readonly title: string
  /** `info`: a fact that asks for nothing. */
  readonly status: 'ok' | 'info' | 'warning' | 'error'
  /** What was found. */
  readonly found: string
  /** What to do about it: a sentence, or commands to type. */
  readonly fix?: string | undefined
}

/** The devices that vendors have described for containers (CDI). */
export interface DescribedDevices {
  /** Where it was looked for descriptions; a device of a later one takes the place of one of the same name. */
  readonly directories: readonly string[]
  /** By full name. */
  readonly devices: readonly { readonly name: string; readonly file: string }[]
  /** Files that cannot be read, and devices that two of them describe. */
  readonly problems: readonly { readonly path: string; readonly message: string }[]
}

/** The facts of `info`. */
export interface EngineInfo {
  readonly version: string
  readonly host: {
    readonly architecture: string
    readonly kernel: string
    readonly distribution: string
    readonly hostname: string
    readonly cpus: number
    readonly memoryBytes: number
    /** What can be had without swapping. */
    readonly memoryFreeBytes: number
    readonly swapTotalBytes: number
    readonly swapFreeBytes: number
    readonly uptimeSeconds: number
    /** `v1`, `v2`, `hybrid` or `none`. */
    readonly cgroupVersion: string
    /** Who makes the containers' control groups: systemd, or the runtime by files alone; none: nobody does. */
    readonly cgroupManager: 'systemd' | 'cgroupfs' | 'none'
    /** Those that containers can have limits of; sorted. */
    readonly cgroupControllers: readonly string[]
    readonly security: {
      readonly appArmor: boolean
      readonly selinux: boolean
      readonly seccomp: boolean
      /** What a container has unless it asks for more or less: `CAP_CHOWN`. */
      readonly capabilities: readonly string[]
    }
    readonly rootless: boolean
    readonly runtime: { readonly name: string; readonly path: string; readonly version: string } | undefined
    readonly monitor: { readonly name: string; readonly path: string; readonly version: string } | undefined
    readonly uplink: { readonly name: string; readonly path: string } | undefined
    readonly idMap:
      | { readonly uids: readonly (readonly [number, number, number])[]; readonly gids: readonly (readonly [number, number, number])[] }
      | undefined
  }
  readonly store: {
    readonly root: string
    readonly runRoot: string
    readonly driver: string
    readonly fileSystem: string
    /** Of the file system that the root is on. */
    readonly totalBytes: number
    readonly usedBytes: number
    readonly volumes: string
    readonly images: number
    readonly containers: { readonly total: number; readonly running: number; readonly paused: number; readonly stopped: number }
  }
  readonly devices: DescribedDevices
  readonly configFiles: readonly string[]
  /** Registries that a name without one is looked for in. */
  readonly searchRegistries: readonly string[]
}

/** The machine and the engine on it. */
export interface System extends EngineCare {
  info(options?: AbortOptions): Promise<EngineInfo>
  doctor(options?: AbortOptions): Promise<readonly HostFinding[]>
  /** Those that `cdiDevices` and `gpus` of a container can name. */
  devices(options?: AbortOptions): Promise<DescribedDevices>
  /**
   * What has happened, in the order in which it came to be known; with `follow`, what happens until the signal or `until`. The last ten thousand are kept at least. What
   * changes a container's record (create, start, died, rename, remove) is there with the change or not at all, whoever is killed; the others come after the deed.
   */
  events(options?: EventOptions): AsyncIterable<EngineEvent>
  /** Runs a command inside the engine's namespaces with the terminal's streams; its exit code. As root it runs as it is. */
  unshare(command: readonly string[], options?: AbortOptions): Promise<number>
}

/** A container engine. In process: `openEngine()` of `@podwright/engine`. */
export interface Engine extends AsyncDisposable {
  readonly images: Images
  readonly containers: Containers
  readonly volumes: Volumes
  readonly secrets: Secrets
  readonly registries: Registries
  readonly manifests: Manifests
  readonly artifacts: Artifacts
  readonly system: System
}
