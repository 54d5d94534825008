import type { AbortOptions, ProgressOptions } from '@podwright/conventions'
import type { Digest, Platform, RuntimeSpec } from '@podwright/oci'
import type { Readable, Writable } from 'node:stream'
import type { CheckpointOptions, CheckpointTimes, RestoreOptions } from './container-checkpoints.ts'
import type {
  ContainerKeepingOptions,
  HealthCheck,
  HealthCheckOptions,
  HealthResult,
  HealthState,
  RestartPolicy,
} from './container-keeping.ts'
import type { ContainerLoggingOptions } from './container-logging.ts'
import type { AttachedVolume, ContainerMount, VolumesFrom } from './container-mounts.ts'
import type { ContainerPortOptions, PublishedPort } from './container-ports.ts'
import type { ContainerResources, ContainerTuning } from './container-tuning.ts'
import type { ContainerProcess } from './container-processes.ts'
import type { ContainerStats } from './container-stats.ts'
import type { ContainerSecret } from './secrets.ts'
import type { PullOptions } from './engine-images.ts'
import type { PruneContainersOptions, PrunedContainers } from './engine-system.ts'
import type { CommitProgress, SnapshotBase, StoredImage, TreeChange } from './storage.ts'
import type { TreeFiles } from './tree-files.ts'
import type { UplinkChoice } from './uplink.ts'

/**
 * How a container is on the network. `private`: a namespace of its own, with an uplink. `container:` and a name or an id: that of another container.
 * `ns:` and an absolute path: one that somebody has made.
 */
export type NetworkMode = 'none' | 'host' | 'private' | `container:${string}` | `ns:${string}`

/** A resource limit (setrlimit(2)). */
export interface ResourceLimit {
  /** Without prefix, in lower case: `nofile`. */
  readonly name: string
  readonly soft: number
  readonly hard: number
}

/** What a new container shall be. What is not given comes from the image, then from the engine's defaults. */
export interface ContainerOptions extends ContainerTuning, ContainerKeepingOptions, ContainerLoggingOptions, ContainerPortOptions {
  /** Reference of the image, as typed; empty with `root`. */
  readonly image: string
  /** A directory of the host as the container's root, in place of an image. Nothing in it is ever deleted by the engine. @default none */
  readonly root?: SnapshotBase | undefined
  /** @default two words drawn at random */
  readonly name?: string | undefined
  /** Replaces the image's Cmd. */
  readonly command?: readonly string[] | undefined
  /** Replaces the image's Entrypoint, and with it the image's Cmd; `[]` or `['']` takes it away. */
  readonly entrypoint?: readonly string[] | undefined
  /** Added to and replacing the image's variables. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** The same, where `$NAME` and `${NAME}` in the values stand for what the image has: `PATH=${PATH}:/opt/bin`. */
  readonly environmentMerge?: Readonly<Record<string, string>> | undefined
  readonly workingDirectory?: string | undefined
  /** `user`, `uid`, `user:group`, `uid:gid`. */
  readonly user?: string | undefined
  readonly hostname?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly mounts?: readonly ContainerMount[] | undefined
  /** Containers whose volumes and directories it has too, where no mount of its own is. */
  readonly volumesFrom?: readonly VolumesFrom[] | undefined
  /** What becomes of the image's volumes: anonymous volumes, empty file systems in memory, or nothing. @default 'volume' */
  readonly imageVolumes?: 'volume' | 'tmpfs' | 'ignore' | undefined
  /** The driver of volumes that are made for it. @default 'local' */
  readonly volumeDriver?: string | undefined
  readonly network?: NetworkMode | undefined
  /** The way out of a private network. @default the program that serves it best on this host */
  readonly uplink?: UplinkChoice | undefined
  /** Those that it has, as they are now. */
  readonly secrets?: readonly ContainerSecret[] | undefined
  /** A pseudo-terminal. @default false */
  readonly terminal?: boolean | undefined
  /** Keep stdin open. @default false */
  readonly stdin?: boolean | undefined
  /** Remove the container when it ends. @default false */
  readonly autoRemove?: boolean | undefined
  readonly readOnlyRoot?: boolean | undefined
  readonly privileged?: boolean | undefined
  readonly capabilitiesAdd?: readonly string[] | undefined
  readonly capabilitiesDrop?: readonly string[] | undefined
  readonly noNewPrivileges?: boolean | undefined
  /** `unconfined`, or a path of a profile. @default the default profile */
  readonly seccompProfile?: string | undefined
  /** `image`: the profile in the image's label `io.containers.seccomp.profile`; it goes with no `seccompProfile`. @default the profile of `seccompProfile` */
  readonly seccompPolicy?: 'image' | undefined
  readonly resourceLimits?: readonly ResourceLimit[] | undefined
  /** Name (`SIGTERM`) or number. @default the image's, else SIGTERM */
  readonly stopSignal?: string | undefined
  /** @default 10 */
  readonly stopTimeoutSeconds?: number | undefined
  readonly platform?: Platform | undefined
  /** What to do about the image. `policy` is `missing` by default here. */
  readonly pull?: PullOptions | undefined
  /** The command line that made it, for inspect. */
  readonly createCommand?: readonly string[] | undefined
}

/** How a container is stopped. */
export interface StopContainerOptions extends AbortOptions {
  /** Before it is killed. @default the container's own */
  readonly timeoutSeconds?: number | undefined
  /** Name or number of the signal that comes first. @default the container's own */
  readonly stopSignal?: string | number | undefined
}

/** What changes of a container. */
export interface ContainerUpdate {
  readonly resources?: ContainerResources | undefined
  /** `no`: it stays ended. */
  readonly restart?: RestartPolicy | 'no' | undefined
  /** Set at its next start. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Names of variables that go at its next start, before `environment` is set. */
  readonly unsetEnvironment?: readonly string[] | undefined
  /** What is not given of it stays. A container that runs is `starting` again. `none`: it has none any more. */
  readonly health?: HealthCheckOptions | 'none' | undefined
}

/** `created`: recorded, never started. `exited`: ran and ended. The others as docker and podman use them. */
export type ContainerStatus = 'created' | 'initialized' | 'running' | 'paused' | 'stopping' | 'exited' | 'removing'

/** What is observed of a container. */
export interface ContainerState {
  readonly status: ContainerStatus
  /** 0 when it doesn't run. */
  readonly pid: number
  /** 0 when it doesn't run. */
  readonly monitorPid: number
  /** Undefined while it never ended; -1 when it is unknown, since the machine or the monitor went down. */
  readonly exitCode: number | undefined
  readonly startedAt: Date | undefined
  readonly finishedAt: Date | undefined
  /** Why the last start or run failed. */
  readonly error: string | undefined
  /** Known by `inspect` alone. */
  readonly checkpoint?: CheckpointTimes | undefined
  /** Whether the kernel has killed a process of the last run for want of memory. Known by `inspect` alone. @default false */
  readonly oomKilled?: boolean | undefined
  /** When it is started again, by its restart policy; undefined unless it waits for that. */
  readonly restartAt?: Date | undefined
  /** How often it was started again since somebody has started it. @default 0 */
  readonly restartCount?: number | undefined
  /** Undefined without a health check, and before the first start. */
  readonly health?: HealthState | undefined
}

/** One line of `ps`. */
export interface ContainerSummary {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  /** Full name of the image at creation, or its id; empty, as `imageId`, where the root is a directory of the host. */
  readonly imageName: string
  readonly imageId: Digest
  /** Entrypoint and arguments as they run. */
  readonly command: readonly string[]
  readonly createdAt: Date
  readonly labels: Readonly<Record<string, string>>
  readonly network: NetworkMode
  /** Ports of the host that lead to it while it runs. */
  readonly ports: readonly PublishedPort[]
  /** Those asked for, and the image's volumes. */
  readonly mounts: readonly ContainerMount[]
  /** Undefined: it stays ended. */
  readonly restart?: RestartPolicy | undefined
  readonly state: ContainerState
}

/** Everything known of a container. */
export interface ContainerDetails extends ContainerSummary {
  readonly options: ContainerOptions
  /** The runtime-spec config; undefined while it never was started. */
  readonly spec: RuntimeSpec | undefined
  readonly paths: {
    readonly bundle: string
    readonly rootfs: string
    /** Where its log is, also before there is one; empty when it isn't logged to a file. */
    readonly log: string
    readonly exitFile: string
    readonly monitorPidFile: string
  }
  readonly runtime: string
  readonly driver: string
  readonly volumes: readonly AttachedVolume[]
  /** What its log driver's options say of each line: labels, variables and a tag, by name. @default none */
  readonly logDetails?: Readonly<Record<string, string>> | undefined
  /** What is done to see whether it works; undefined: nothing. */
  readonly healthCheck?: HealthCheck | undefined
  /** What was found since its start, the oldest first. */
  readonly healthLog?: readonly HealthResult[] | undefined
}

/** The streams of an attached client. A missing one is not attached. */
export interface AttachStreams {
  readonly stdin?: Readable | undefined
  readonly stdout?: Writable | undefined
  /** With a terminal, everything comes out on stdout. */
  readonly stderr?: Writable | undefined
  /** Byte values that, typed in this order, detach; empty: never. Only with a terminal: bytes of a pipe are data. @default ctrl-p, ctrl-q */
  readonly detachKeys?: Uint8Array | undefined
  /** The client's window: its size now, at once, then at each change. */
  readonly window?: AsyncIterable<WindowSize> | undefined
}

/** In characters. */
export interface WindowSize {
  readonly rows: number
  readonly columns: number
}

/** Open descriptors of this process that a container's process gets, too. */
export interface HandedOn {
  /** From 3 up; they have the same numbers there. What is between them is `/dev/null`. */
  readonly descriptors: readonly number[]
  /** They are sockets that a service manager has opened (sd_listen_fds(3)): `LISTEN_FDS`, `LISTEN_PID` and, with names, `LISTEN_FDNAMES` say so. */
  readonly activation?: { readonly names?: string | undefined } | undefined
}

/** How a container is started. */
export interface StartContainerOptions extends AbortOptions {
  readonly streams?: AttachStreams | undefined
  /** Not of one that is `initialized`: its process is there already. @default nothing */
  readonly handedOn?: HandedOn | undefined
}

/** How an attachment or a foreground run ended. */
export type AttachEnd = { readonly type: 'exited'; readonly exitCode: number } | { readonly type: 'detached' }

/** A command inside a running container. */
export interface ExecOptions extends AbortOptions {
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>> | undefined
  readonly workingDirectory?: string | undefined
  readonly user?: string | undefined
  readonly terminal?: boolean | undefined
  readonly privileged?: boolean | undefined
  /** None: the session runs detached. */
  readonly streams?: AttachStreams | undefined
  /** @default nothing */
  readonly handedOn?: HandedOn | undefined
}

/** One line of a container's log. */
export interface LogEntry {
  readonly time: Date
  /** The same as RFC 3339 has it, with nanoseconds; undefined where they are not known. */
  readonly timeText?: string | undefined
  readonly stream: 'stdout' | 'stderr'
  /** Bytes, with the newline when there was one. */
  readonly data: Uint8Array
}

/** Options of `Containers.logs`. */
export interface LogOptions extends AbortOptions {
  /** Go on as lines come, until the container ends. @default false */
  readonly follow?: boolean | undefined
  /** Only the last lines. @default all */
  readonly tail?: number | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

/** What a container is made into an image with. */
export interface CommitContainerOptions extends AbortOptions, ProgressOptions<CommitProgress> {
  /** Name to give. @default none */
  readonly name?: string | undefined
  readonly author?: string | undefined
  /** For the history. */
  readonly message?: string | undefined
  /** Instructions of a Containerfile: `CMD ["sh"]`. @default none */
  readonly changes?: readonly string[] | undefined
  /** Freeze its processes meanwhile, where the host can. @default false */
  readonly pause?: boolean | undefined
  /** One layer instead of the image's and one more. @default false */
  readonly squash?: boolean | undefined
  /** @default 'oci' */
  readonly format?: 'oci' | 'docker' | undefined
}

/** The engine's containers. `reference` is a name, an id, or an unambiguous prefix of one. */
export interface Containers {
  /** Records a container; its id. */
  create(
    options: ContainerOptions &
      AbortOptions & {
        /**
         * This engine starts it next, and begins with that here: until it runs, or this process ends, nobody else is let to it but for looking.
         *
         * @default false
         */
        readonly startsNext?: boolean | undefined
        /** With `startsNext`: what `start` is told to hand on. @default nothing */
        readonly handedOn?: HandedOn | undefined
        /** A container that has the `name` is removed before, by force, once the image is here. @default false */
        readonly replace?: boolean | undefined
      },
  ): Promise<{ readonly id: string; readonly name: string; readonly warnings: readonly string[] }>
  /**
   * Starts it. With `streams` it is attached before its first instruction, and the promise resolves when the attachment ends; without, as
   * soon as it runs.
   *
   * @throws `ERR_CONTAINER_COMMAND_NOT_FOUND` (exit 127), `ERR_CONTAINER_COMMAND_NOT_EXECUTABLE` (126)
   */
  start(reference: string, options?: StartContainerOptions): Promise<AttachEnd | undefined>
  /**
   * Makes its process, with its mounts and namespaces, up to just before its first instruction: `initialized`, until `start` lets it run. Nothing in it can hear
   * a signal before.
   *
   * @throws as `start`
   */
  initialize(reference: string, options?: AbortOptions): Promise<void>
  attach(reference: string, streams: AttachStreams, options?: AbortOptions): Promise<AttachEnd>
  /** Runs a command in a running container; its exit code, or undefined when it was detached. */
  exec(reference: string, options: ExecOptions): Promise<AttachEnd | undefined>
  list(options?: AbortOptions & { readonly all?: boolean }): Promise<readonly ContainerSummary[]>
  /** Whether there is one, in whatever state. @throws `ERR_CONTAINER_AMBIGUOUS` */
  exists(reference: string, options?: AbortOptions): Promise<boolean>
  inspect(reference: string, options?: AbortOptions): Promise<ContainerDetails>
  /** @throws `ERR_CONTAINER_NO_LOG` where it isn't logged */
  logs(reference: string, options?: LogOptions): AsyncIterable<LogEntry>
  /** Sends the stop signal, waits, then SIGKILL. Not running is no error. */
  stop(reference: string, options?: StopContainerOptions): Promise<void>
  /** Stops it as `stop` does, and starts it again; one that does not run is started. One that is removed at its end stays. */
  restart(reference: string, options?: StopContainerOptions): Promise<void>
  /** Gives it another name, running or not. @throws `ERR_CONTAINER_NAME_IN_USE`, `ERR_CONTAINER_NAME_INVALID` */
  rename(reference: string, name: string, options?: AbortOptions): Promise<void>
  /**
   * Keeps its processes from running until `unpause`. `stop`, `remove` by force, and `kill` with SIGKILL or the stop signal let it go on to its end; other
   * signals wait.
   *
   * @throws `ERR_CONTAINER_NOT_RUNNING`, `ERR_CONTAINER_PAUSED`; `ERR_CONTAINER_NO_CGROUP` where it has no control group of its own
   */
  pause(reference: string, options?: AbortOptions): Promise<void>
  /**
   * Writes a running container's processes to disk, and ends them; `restore` makes them again. For root alone, and with a runtime that knows CRIU.
   *
   * @throws `ERR_CONTAINER_NOT_RUNNING`, `ERR_CONTAINER_CHECKPOINT`, `ERR_RUNTIME_CHECKPOINT`
   */
  checkpoint(reference: string, options?: CheckpointOptions): Promise<void>
  /** Has its processes go on where they were at its last checkpoint. @throws `ERR_CONTAINER_RUNNING`, `ERR_CONTAINER_CHECKPOINT`, `ERR_RUNTIME_CHECKPOINT` */
  restore(reference: string, options?: RestoreOptions): Promise<void>
  /** @throws `ERR_CONTAINER_NOT_PAUSED` */
  unpause(reference: string, options?: AbortOptions): Promise<void>
  /**
   * Changes limits and restart policy, also of one that runs; what it is started with next is the same. What is not given stays.
   *
   * @returns what the host ignores, in words
   * @throws `ERR_CONTAINER_OPTION_INVALID`; `ERR_CONTAINER_NO_CGROUP` where it has no control group of its own
   */
  update(reference: string, change: ContainerUpdate, options?: AbortOptions): Promise<readonly string[]>
  kill(reference: string, options?: AbortOptions & { readonly killSignal?: string | number | undefined }): Promise<void>
  /** Those that run in it, and in pid namespaces below its own; the first process first. @throws `ERR_CONTAINER_NOT_RUNNING` */
  processes(reference: string, options?: AbortOptions): Promise<readonly ContainerProcess[]>
  /** What it uses. @throws `ERR_CONTAINER_NOT_RUNNING`; `ERR_CONTAINER_NO_CGROUP` where it has no control group of its own */
  stats(reference: string, options?: AbortOptions): Promise<ContainerStats>
  /** Resolves with the exit code once it ended. */
  wait(reference: string, options?: AbortOptions): Promise<number>
  /**
   * Runs its health check now; what it found is on record then.
   *
   * @throws `ERR_CONTAINER_NO_HEALTH_CHECK`, `ERR_CONTAINER_NOT_RUNNING`
   */
  checkHealth(reference: string, options?: AbortOptions): Promise<HealthResult & HealthState>
  /** @throws `ERR_CONTAINER_RUNNING` without `force`, `ERR_CONTAINER_REQUIRED` when others require it */
  remove(
    reference: string,
    options?: AbortOptions & {
      readonly force?: boolean | undefined
      readonly timeoutSeconds?: number | undefined
      /** Its anonymous volumes go too, unless another container uses them. @default false */
      readonly volumes?: boolean | undefined
      /** Those that need it, because they require it or have joined a namespace of its, are removed first. @default false */
      readonly dependents?: boolean | undefined
      /** References of others that go with it, so that it does not matter whether they require it. @default none */
      readonly together?: readonly string[] | undefined
      /** Only fail as the removal would. @default false */
      readonly dryRun?: boolean | undefined
    },
  ): Promise<string>
  /** Removes those that don't run and that nobody is at work on. */
  prune(options?: PruneContainersOptions): Promise<PrunedContainers>
  /** After its end: records it, gives everything back, removes it when it was to be. Safe to call at any time, by several. */
  cleanup(reference: string, options?: AbortOptions): Promise<void>
  /** Makes an image of what it has changed, on top of the one that it is on. */
  commit(reference: string, options?: CommitContainerOptions): Promise<StoredImage>
  /** Its tree as an uncompressed tar, without what is mounted in it. */
  export(reference: string, options?: AbortOptions): AsyncIterable<Uint8Array>
  /**
   * Its files, to be looked at, read and written, with its volumes and bind mounts in their places, whether it runs or not. One that doesn't run can't be
   * started or removed before this is disposed of.
   */
  files(reference: string, options?: AbortOptions): Promise<TreeFiles>
  /** What it has changed, or what differs from another container or image. */
  changes(reference: string, options?: AbortOptions & { readonly against?: string | undefined }): Promise<readonly TreeChange[]>
}
