import type { AbortOptions } from '@podwright/conventions'
import type { RuntimeSpec, RuntimeProcess } from '@podwright/oci'
import type { RuntimeCheckpointOptions, RuntimeRestoreOptions } from './container-checkpoints.ts'
import type { MountSpec } from './mount.ts'

/** The state document of an OCI runtime (runtime-spec, "State"). */
export interface RuntimeState {
  readonly id: string
  readonly status: 'creating' | 'created' | 'running' | 'stopped' | 'paused'
  /** Absent or 0 when stopped. */
  readonly pid?: number
  readonly bundle: string
}

/** An OCI runtime: crun, runc, youki, or whatever answers to the same command line (runtime-spec, "Operations"). */
export interface Runtime {
  /** `crun`, `runc`, … */
  readonly name: string
  /** Absolute path of its executable. */
  readonly path: string
  /** The global words before a verb: `--root DIR`, `--cgroup-manager …`. */
  readonly globalArguments: readonly string[]
  /** Whether it may know the container: a look at its files, for which it isn't run. */
  knows(id: string): boolean
  start(id: string, options?: AbortOptions): Promise<void>
  state(id: string, options?: AbortOptions): Promise<RuntimeState | undefined>
  kill(id: string, signal: number, options?: AbortOptions & { readonly all?: boolean }): Promise<void>
  /** Stops all its processes from running, through the freezer; needs cgroups. */
  pause(id: string, options?: AbortOptions): Promise<void>
  /** Changes limits of a running container. @param resources as the runtime-spec has them (config-linux, "Control groups") */
  update(id: string, resources: Readonly<Record<string, unknown>>, options?: AbortOptions): Promise<void>
  /** Writes its processes to disk, by CRIU. @throws `ERR_RUNTIME_CHECKPOINT`, with CRIU's words */
  checkpoint(id: string, options: RuntimeCheckpointOptions): Promise<void>
  /** Undoes `pause`. */
  resume(id: string, options?: AbortOptions): Promise<void>
  /** Not there is no error. */
  delete(id: string, options?: AbortOptions & { readonly force?: boolean }): Promise<void>
}

/** A container's directory as a monitor uses it. All paths absolute. */
export interface MonitoredContainer {
  readonly id: string
  readonly name: string
  /** Holds `config.json`; the monitor puts its sockets, FIFOs and pid files there. */
  readonly bundle: string
  readonly logPath: string
  /** `passthrough`: the descriptors 0, 1 and 2 of the process that launches the monitor. */
  readonly logDriver: 'k8s-file' | 'journald' | 'none' | 'passthrough'
  /** What its lines are filed under, for `journald`. @default its name */
  readonly logTag?: string | undefined
  /** The file with the exit code is written to this directory, under the container's id. */
  readonly exitDirectory: string
  readonly terminal: boolean
  /** Keep stdin open for clients. */
  readonly stdin: boolean
  /** Stdin outlives the first client that leaves. */
  readonly leaveStdinOpen: boolean
  /** It kills the container after so many seconds. @default never */
  readonly timeLimitSeconds?: number | undefined
  /** Where the service manager listens (sd_notify(3)): the monitor hands on what comes to `notify/notify.sock` in the bundle. */
  readonly notifySocket?: string | undefined
  /** Its processes are made from a checkpoint, and run at once. @default they are created, and wait for their start */
  readonly restore?: RuntimeRestoreOptions | undefined
  /** Command that the monitor runs after the container's end. */
  readonly exitCommand?: readonly string[] | undefined
  /** Words before the monitor's command line, such as a namespace prefix. */
  readonly prefix: readonly string[]
  /** The monitor stands in a mount namespace of its own, which ends with it, for `LaunchedMonitor.mount`. @default false */
  readonly mountNamespace?: boolean | undefined
  /**
   * Descriptors of this process that the container's process gets under the same numbers, from 3 up. Numbers between them that are not named are
   * `/dev/null` there. @default none
   */
  readonly descriptors?: readonly number[] | undefined
  /** Added to the monitor's, the runtime's and the exit command's otherwise minimal environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/** What a monitor answers once the runtime has created the container. */
export interface MonitorStarted {
  /** The container's init, in our pid namespace. */
  readonly pid: number
  readonly monitorPid: number
}

/** How a monitor has a container's process made. */
export interface CreateProcessOptions extends AbortOptions {
  /** Where the config is written, for one that must not lie on a disk: the bundle has a link to it then. It must be there. @default the bundle */
  readonly configDirectory?: string | undefined
}

/** A monitor that waits. Disposing it before `create` calls it off, and leaves nothing. */
export interface LaunchedMonitor extends Disposable {
  /** Has these be mounted in the monitor's mount namespace, in order; what goes wrong is told by `create`. To be called once at most. */
  mount(mounts: readonly MountSpec[]): void
  /**
   * Has the runtime create the container, once everything is mounted.
   *
   * @throws `ERR_RUNTIME_…` with the runtime's own message and the exit status it stands for, `ERR_ROOTFS_MOUNT`
   */
  create(spec: RuntimeSpec, options?: CreateProcessOptions): Promise<MonitorStarted>
}

/** Options of a command inside a running container. */
export interface MonitorExecOptions extends AbortOptions {
  readonly process: RuntimeProcess
  /** Directory of this session: its process document, pid files and sockets. Made when it isn't there. */
  readonly sessionDirectory: string
  /** Where the process document is written, for one that must not lie on a disk; not needed any more once `start` has returned. @default the session's */
  readonly processDirectory?: string | undefined
  readonly sessionId: string
  readonly stdin: boolean
  /** Whether a client will attach; a session without one runs detached. */
  readonly attach: boolean
  /** Exit command for a session whose client is gone. */
  readonly exitCommand?: readonly string[] | undefined
}

/** A command inside a container, about to run: attach first, then `start`. Disposing one that was never started calls it off. */
export interface MonitorSession extends Disposable {
  /** 0 for a detached one that has not started. */
  readonly monitorPid: number
  /** Where to attach; undefined for a session that runs detached. */
  readonly attachSocket: string | undefined
  /** Takes window sizes, when there is a terminal. */
  readonly controlFifo: string | undefined
  /** Runs the command; its pid, in our pid namespace. @throws `ERR_RUNTIME_…` */
  start(options?: AbortOptions): Promise<number>
  /** The exit code; 128 and the signal's number when it was killed; -1 when the monitor went away without telling. */
  wait(options?: AbortOptions): Promise<number>
}

/** The small process that outlives us beside each container: conmon. */
export interface Monitor {
  readonly name: string
  readonly path: string
  /**
   * Starts the monitor of a container; it waits for `create`. What leads into the namespaces is under way meanwhile, and so are the mounts once they are
   * told, so whoever has the container's tree and its spec yet to work out does that in the meantime.
   */
  launch(container: MonitoredContainer, options?: AbortOptions): Promise<LaunchedMonitor>
  /** Prepares a command inside a running container. */
  exec(container: MonitoredContainer, options: MonitorExecOptions): Promise<MonitorSession>
}
