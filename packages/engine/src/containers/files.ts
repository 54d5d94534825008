import type { EnginePaths } from '../paths.ts'

/** The files of one container, in its directory of the data root and, for locks, in the run root. */
export interface ContainerFiles {
  /** The bundle: config.json, and the monitor's sockets and pid files. */
  readonly directory: string
  readonly log: string
  /** The monitor writes the exit code to a file here that is named by the id. */
  readonly exitDirectory: string
  readonly exitFile: string
  /** The monitor makes it when the kernel has killed a process of the container for want of memory. */
  readonly oomFile: string
  /** Runtime's and monitor's pid files. */
  readonly pidFile: string
  readonly monitorPidFile: string
  readonly attachSocket: string
  readonly controlFifo: string
  readonly hosts: string
  readonly hostname: string
  readonly resolvConf: string
  readonly containerEnv: string
  /** Where the /dev/shm of a container that others may join is mounted, for all of them. */
  readonly sharedMemory: string
  /** Sessions of commands run inside. */
  readonly execDirectory: string
  /** Held by a client that will clean up itself, so that the monitor need not start anybody for it. */
  readonly clientLock: string
  /** Held while the container's state is changed. */
  readonly stateLock: string
  /** Held while it is being made, and on until it runs by whoever starts what they make. */
  readonly creationLock: string
  /** Held shared by those who read its tree, and alone by a prune that removes it. */
  readonly readingLock: string
}

/** Where a container's files are; makes nothing. (Called often, and `join` reads each path letter by letter.) */
export function containerFiles(paths: EnginePaths, id: string): ContainerFiles {
  const directory = `${paths.containers}/${id}`
  const exitDirectory = `${directory}/exit`
  return {
    directory,
    log: `${directory}/ctr.log`,
    exitDirectory,
    exitFile: `${exitDirectory}/${id}`,
    oomFile: `${directory}/oom`,
    pidFile: `${directory}/pidfile`,
    monitorPidFile: `${directory}/conmon.pid`,
    attachSocket: `${directory}/attach`,
    controlFifo: `${directory}/ctl`,
    hosts: `${directory}/hosts`,
    hostname: `${directory}/hostname`,
    resolvConf: `${directory}/resolv.conf`,
    containerEnv: `${directory}/.containerenv`,
    sharedMemory: `${directory}/shm`,
    execDirectory: `${directory}/exec`,
    clientLock: `${directory}/client.lock`,
    stateLock: `${paths.locks}/${id}`,
    creationLock: `${paths.locks}/${id}.new`,
    readingLock: `${paths.locks}/${id}.read`,
  }
}

/** Where a client joins the container's streams. */
export function attachTarget(files: ContainerFiles): { socketPath: string; controlFifo: string } {
  return { socketPath: files.attachSocket, controlFifo: files.controlFifo }
}
