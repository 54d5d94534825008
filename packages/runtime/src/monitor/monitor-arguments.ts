import type { MonitoredContainer, MonitorExecOptions, Runtime, RuntimeRestoreOptions } from '@podwright/contracts'
import { join } from 'node:path'
import { checkpointWords } from '../runtime/checkpoint-words.ts'

/** The files that a monitor keeps in its bundle. */
export interface MonitorPaths {
  readonly socketPath: string
  readonly controlFifo: string
  readonly monitorPidFile: string
  readonly containerPidFile: string
}

/** Where the monitor of a bundle, or of an exec session's directory, listens and writes its pids. */
export function monitorPaths(directory: string): MonitorPaths {
  return {
    socketPath: join(directory, 'attach'),
    controlFifo: join(directory, 'ctl'),
    monitorPidFile: join(directory, 'conmon.pid'),
    containerPidFile: join(directory, 'pidfile'),
  }
}

/** conmon's words for a container. */
export function createArguments(container: MonitoredContainer, runtime: Runtime, logLevel: string): readonly string[] {
  return [
    ...common(container, container.id, container.bundle, container.exitDirectory, runtime, logLevel),
    '--log-path',
    container.logDriver === 'k8s-file' ? `${container.logDriver}:${container.logPath}` : container.logDriver,
    ...(container.logTag === undefined ? [] : ['--log-tag', container.logTag]),
    ...(container.terminal ? ['--terminal'] : []),
    ...(container.stdin ? ['--stdin'] : []),
    // A terminal outlives its clients, as with docker: who detached can come back.
    ...(container.leaveStdinOpen || container.terminal ? ['--leave-stdin-open'] : []),
    ...(container.notifySocket === undefined ? [] : [`--sdnotify-socket=${container.notifySocket}`]),
    ...(container.timeLimitSeconds === undefined ? [] : ['--timeout', String(container.timeLimitSeconds)]),
    ...(container.restore === undefined ? [] : restoreWords(container.restore, runtime.name)),
    ...exitCommand(container.exitCommand),
  ]
}

function restoreWords(restore: RuntimeRestoreOptions, runtimeName: string): readonly string[] {
  const words = checkpointWords(runtimeName, restore)
  return ['--restore', restore.imageDirectory, ...words.flatMap((word) => ['--runtime-opt', word])]
}

/** conmon's words for a command inside a running container. */
export function execArguments(
  container: MonitoredContainer,
  options: MonitorExecOptions,
  runtime: Runtime,
  logLevel: string,
): readonly string[] {
  const { sessionDirectory, sessionId, processDirectory = sessionDirectory } = options
  return [
    ...common(container, sessionId, sessionDirectory, join(sessionDirectory, 'exit'), runtime, logLevel),
    '--exec',
    '--exec-process-spec',
    processPath(processDirectory),
    '--log-path',
    'none',
    ...(options.attach ? ['--exec-attach'] : []),
    ...(options.process.terminal ? ['--terminal'] : []),
    ...(options.stdin ? ['--stdin'] : []),
    ...exitCommand(options.exitCommand),
  ]
}

/** Where a session's process document is. */
export function processPath(directory: string): string {
  return join(directory, 'process.json')
}

function common(
  container: MonitoredContainer,
  uuid: string,
  directory: string,
  exitDirectory: string,
  runtime: Runtime,
  logLevel: string,
): readonly string[] {
  const paths = monitorPaths(directory)
  const values = {
    '--api-version': '1',
    '--cid': container.id,
    '--cuuid': uuid,
    '--name': container.name,
    '--runtime': runtime.path,
    '--bundle': directory,
    '--container-pidfile': paths.containerPidFile,
    '--conmon-pidfile': paths.monitorPidFile,
    '--exit-dir': exitDirectory,
    '--log-level': logLevel,
  }
  const runtimeWords = runtime.globalArguments.flatMap((word) => ['--runtime-arg', word])
  // The kernel writes a log back by itself; to wait for the disk at each end would be felt.
  return [...Object.entries(values).flat(), ...runtimeWords, ...handOnWords(container), '--full-attach', '--no-sync-log']
}

/** The runtime's word for it counts from 3. */
function handOnWords({ descriptors = [] }: MonitoredContainer): readonly string[] {
  return descriptors.length === 0 ? [] : ['--runtime-opt', '--preserve-fds', '--runtime-opt', `${Math.max(...descriptors) - 2}`]
}

function exitCommand([path, ...words]: readonly string[] = []): readonly string[] {
  return path === undefined ? [] : ['--exit-command', path, ...words.flatMap((word) => ['--exit-command-arg', word])]
}
