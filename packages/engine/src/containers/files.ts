import { join } from 'node:path'
import type { EnginePaths } from '../paths.ts'

/** The files of one container, in its directory of the data root and, for locks, in the run root. */
export interface ContainerFiles {
  /** The bundle: config.json, and the monitor's sockets and pid files. */
  readonly directory: string
  readonly log: string
  /** The monitor writes the exit code to a file here that is named by the id. */
  readonly exitDirectory: string
  readonly exitFile: string
  /** Runtime's and monitor's pid files. */
  readonly pidFile: string
  readonly monitorPidFile: string
  readonly attachSocket: string
  readonly controlFifo: string
  readonly hosts: string
  readonly hostname: string
  readonly resolvConf: string
  readonly containerEnv: string
  /** Sessions of commands run inside. */
  readonly execDirectory: string
  /** Held by a client that will clean up itself, so that the monitor need not start anybody for it. */
  readonly clientLock: string
  /** Held while the container's state is changed. */
  readonly stateLock: string
  /** Held while it is being made, and on until it runs by whoever starts what they make. */
  readonly creationLock: string
}

/** Where a container's files are; makes nothing. */
export function containerFiles(paths: EnginePaths, id: string): ContainerFiles {
  const directory = join(paths.containers, id)
  const exitDirectory = join(directory, 'exit')
  return {
    directory,
    log: join(directory, 'ctr.log'),
    exitDirectory,
    exitFile: join(exitDirectory, id),
    pidFile: join(directory, 'pidfile'),
    monitorPidFile: join(directory, 'conmon.pid'),
    attachSocket: join(directory, 'attach'),
    controlFifo: join(directory, 'ctl'),
    hosts: join(directory, 'hosts'),
    hostname: join(directory, 'hostname'),
    resolvConf: join(directory, 'resolv.conf'),
    containerEnv: join(directory, '.containerenv'),
    execDirectory: join(directory, 'exec'),
    clientLock: join(directory, 'client.lock'),
    stateLock: join(paths.locks, id),
    creationLock: join(paths.locks, `${id}.new`),
  }
}

/** Where a client joins the container's streams. */
export function attachTarget(files: ContainerFiles): { socketPath: string; controlFifo: string } {
  return { socketPath: files.attachSocket, controlFifo: files.controlFifo }
}
