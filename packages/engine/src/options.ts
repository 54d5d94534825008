import type { Clock } from '@podwright/conventions'
import type { VolumeDriverFactory } from '@podwright/contracts'

/** The engine's own programs, run apart from it. */
export interface EngineEntries {
  /** Runs storage's tasks inside the user namespace. Absolute path of a module. */
  readonly worker: string
  /** Run by the monitor when a container has ended. Absolute path of a module. */
  readonly cleanup: string
  /** Looks after containers with a restart policy. Absolute path of a module. */
  readonly keeper: string
}

/** A driver that is a program of its own, which speaks JSON on stdin and stdout. */
export interface ExecutableDriver {
  /** Program and arguments. */
  readonly command: readonly string[]
  /** How long one call may take. @default 120000 */
  readonly timeoutMs?: number | undefined
}

/** Options of `openEngine`. */
export interface EngineOptions {
  /** Where images and containers are kept. @default /var/lib/podwright, or $XDG_DATA_HOME/podwright when rootless */
  readonly root?: string | undefined
  /** Sockets and locks. @default /run/podwright, or $XDG_RUNTIME_DIR/podwright when rootless */
  readonly runRoot?: string | undefined
  /** `overlay`, `fuse-overlayfs`, `vfs`. @default the one in use, else the best that works */
  readonly storageDriver?: string | undefined
  /** Volume drivers besides `local`, by name: in this process, or a program. @default none */
  readonly volumeDrivers?: Readonly<Record<string, VolumeDriverFactory | ExecutableDriver>> | undefined
  /** Name or absolute path of an OCI runtime. @default the first of crun, runc and youki that works on this host */
  readonly runtime?: string | undefined
  /** Absolute path of conmon, for what this engine starts; the keeper takes the one that it finds. @default as found on PATH and where podman's packages put it */
  readonly monitor?: string | undefined
  /** Who has to make control groups: an error where it is somebody else. @default systemd for a plain user where it can, else the runtime by files alone */
  readonly cgroupManager?: 'systemd' | 'cgroupfs' | undefined
  /** Where vendors' descriptions of devices are (CDI). @default /etc/cdi and /var/run/cdi, and a plain user's $XDG_CONFIG_HOME/cdi and $XDG_RUNTIME_DIR/cdi */
  readonly cdiSpecDirectories?: readonly string[] | undefined
  /** Bytes of the file system that are left free. @default $PODWRIGHT_MIN_FREE (`512m`), else the larger of 1 GiB and 5 % */
  readonly minFreeBytes?: number | undefined
  /** @default beside this package's own modules */
  readonly entries?: EngineEntries | undefined
  /** The process is inside the engine's namespaces already (the clean-up that a monitor starts). @default false */
  readonly inside?: boolean | undefined
  /**
   * The process ends, by process.exit, once the engine is disposed of: its databases are then left to the kernel, which spares a command
   * the writing back of their logs, eight fsyncs. Nothing that was committed is lost.
   *
   * @default false
   */
  readonly processEnds?: boolean | undefined
  /**
   * The process is nothing but the engine's: before it starts a container, it may move from the session of a login into a scope of the user's systemd, so that
   * containers outlive the session even where logind kills what is left of it (KillUserProcesses=, logind.conf(5)).
   *
   * @default false
   */
  readonly leavesSession?: boolean | undefined
  /** @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
}
