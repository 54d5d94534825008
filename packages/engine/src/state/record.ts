import type {
  ContainerLogging,
  ContainerMount,
  ContainerSecret,
  ContainerStatus,
  ContainerTuning,
  HealthCheck,
  IdMap,
  NetworkMode,
  UplinkChoice,
  PortRange,
  PublishedPort,
  ResourceLimit,
  RestartPolicy,
  SnapshotBase,
  VolumesFrom,
} from '@podwright/contracts'
import type { Digest, Platform } from '@podwright/oci'
import type { Keeping, Kept } from './keeping.ts'

/** A secret of a container. */
export interface KeptSecret extends ContainerSecret {
  readonly id: string
  readonly type: 'mount' | 'env'
  readonly target: string
}

/** What a container is to be, once image and options have been brought together. Kept as JSON; never holds credentials. */
export interface ContainerSettings {
  /** A directory of the host in place of an image. */
  readonly root?: SnapshotBase | undefined
  /** Entrypoint and arguments. */
  readonly args: readonly string[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** `KEY=value`, image's and options' merged, in order. */
  readonly environment: readonly string[]
  readonly workingDirectory: string
  /** As in `--user`; empty: root. */
  readonly user: string
  readonly hostname: string
  readonly labels: Readonly<Record<string, string>>
  readonly mounts: readonly ContainerMount[]
  /** As asked for; their mounts are among `mounts`. */
  readonly volumesFrom?: readonly VolumesFrom[] | undefined
  readonly volumeDriver?: string | undefined
  readonly network: NetworkMode
  /** Of a private network, where one was asked for. */
  readonly uplink?: UplinkChoice | undefined
  /** Undefined when there are none, as in rows that were written before there were any. */
  readonly ports?: readonly PublishedPort[] | undefined
  readonly publishAllPorts?: boolean | undefined
  readonly exposedPorts?: readonly PortRange[] | undefined
  readonly terminal: boolean
  readonly stdin: boolean
  readonly autoRemove: boolean
  readonly readOnlyRoot: boolean
  readonly privileged: boolean
  readonly capabilitiesAdd: readonly string[]
  readonly capabilitiesDrop: readonly string[]
  readonly noNewPrivileges: boolean
  readonly seccompProfile?: string | undefined
  readonly seccompPolicy?: 'image' | undefined
  readonly resourceLimits: readonly ResourceLimit[]
  readonly stopSignal: string
  readonly stopTimeoutSeconds: number
  readonly platform: Platform
  readonly createCommand?: readonly string[] | undefined
  /** Undefined when there is none of it, as in rows that were written before there was any. */
  readonly tuning?: ContainerTuning | undefined
  /** Of a user namespace of its own, whose files have these ids outside. */
  readonly idMap?: IdMap | undefined
  readonly restart?: RestartPolicy | undefined
  readonly logging?: ContainerLogging | undefined
  readonly health?: HealthCheck | undefined
  readonly secrets?: readonly KeptSecret[] | undefined
}

/** What `ps` needs of a container; one row without its settings. */
export interface ContainerRow extends Kept {
  readonly id: string
  readonly name: string
  /** Empty, as the name, where the root is a directory of the host. */
  readonly imageId: Digest
  readonly imageName: string
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number
  readonly args: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly network: NetworkMode
  readonly ports: readonly PublishedPort[]
  readonly mounts: readonly ContainerMount[]
  readonly autoRemove: boolean
  /** What was last asked for. */
  readonly desired: 'created' | 'running' | 'stopped'
  /** What was last seen; the files and processes may know better (see observe.ts). */
  readonly status: ContainerStatus
  readonly pid: number
  /** Start time of that process in clock ticks, so that a reused pid is not taken for it. */
  readonly pidStart: number
  readonly monitorPid: number
  readonly monitorStart: number
  /** Boot in which the two were started. */
  readonly bootId: string
  readonly exitCode: number | undefined
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  readonly error: string | undefined
  /** Name of the runtime that has it. */
  readonly runtime: string
}

/** A row with its settings. */
export interface ContainerRecord extends ContainerRow {
  readonly settings: ContainerSettings
}

/** What changes in the course of a container's life. */
export type ContainerChange = Partial<
  Pick<
    ContainerRow,
    | 'desired'
    | 'status'
    | 'pid'
    | 'pidStart'
    | 'monitorPid'
    | 'monitorStart'
    | 'bootId'
    | 'exitCode'
    | 'startedAt'
    | 'finishedAt'
    | 'error'
    | 'runtime'
    | 'name'
  >
> &
  Partial<Pick<Keeping, 'restartAt' | 'restartDelayMs' | 'restartCount' | 'health'>>
