import type { MonitoredContainer, MonitorExecOptions, MonitorSession } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RuntimeError } from '../errors.ts'
import { readExit } from '../exit.ts'
import { runtimeFailure } from '../runtime/runtime-failure.ts'
import { processText } from '../spec/spec-text.ts'
import { execArguments, monitorPaths, processPath } from './monitor-arguments.ts'
import { monitorCommand } from './monitor-command.ts'
import type { MonitorOptions } from './monitor.ts'
import { readPid } from './pid-file.ts'
import { type SpawnedMonitor, spawnMonitor } from './spawn-monitor.ts'

/** The exit code of a session whose monitor went away without a word. */
const unknownExit = -1

/**
 * Starts conmon for a command inside a container. It waits twice: before it does anything, and, with a client, once more before it has the
 * runtime run the command, so that the client is there first.
 */
export async function openSession(
  { path, runtime, logLevel = 'error' }: MonitorOptions,
  container: MonitoredContainer,
  options: MonitorExecOptions,
): Promise<MonitorSession> {
  options.signal?.throwIfAborted()
  const { sessionDirectory, attach } = options
  const exitDirectory = join(sessionDirectory, 'exit')
  await mkdir(exitDirectory, { recursive: true, mode: 0o700 })
  await Promise.all([
    writeFile(processPath(sessionDirectory), processText(options.process), { mode: 0o600 }),
    rm(join(exitDirectory, container.id), { force: true }),
  ])
  const command = [path, ...execArguments(container, options, runtime, logLevel)]
  const directory = container.prefix.length > 0 ? sessionDirectory : undefined
  const monitor = await spawnMonitor(monitorCommand(container.prefix, [], command, { directory }), {
    directory: sessionDirectory,
    environment: container.environment ?? {},
    start: true,
    attach,
  })
  try {
    // A session without a client is held back until `start`.
    if (attach) monitor.start?.write('\0')
    await monitor.launched()
    if (attach) await attachReady(monitor)
    const paths = monitorPaths(sessionDirectory)
    const monitorPid = await readPid(paths.monitorPidFile)
    let started = false
    return {
      monitorPid,
      attachSocket: attach ? paths.socketPath : undefined,
      controlFifo: options.process.terminal ? paths.controlFifo : undefined,
      start: () => {
        started = true
        return startSession(monitor, attach, runtime.name, container)
      },
      wait: (abort) => waitSession(monitor, exitDirectory, container.id, abort),
      [Symbol.dispose]: () => {
        // The end of its start pipe would be as good as a word to it.
        if (!started) killMonitor(monitorPid)
        monitor.release()
      },
    }
  } catch (error) {
    monitor.release()
    throw error
  }
}

function killMonitor(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

async function attachReady(monitor: SpawnedMonitor): Promise<void> {
  const ready = await monitor.attach?.next()
  if (ready !== undefined && ready.value >= 0) return
  throw new RuntimeError('ERR_MONITOR_FAILED', `the monitor could not listen for a client: ${ready?.message ?? 'it ended'}`)
}

async function startSession(monitor: SpawnedMonitor, attach: boolean, runtimeName: string, container: MonitoredContainer): Promise<number> {
  monitor.start?.write('\0')
  const answer = await monitor.sync.next()
  if (answer === undefined || answer.value < 0) monitor.release()
  if (answer === undefined) throw new RuntimeError('ERR_MONITOR_FAILED', 'the monitor ended before the command ran')
  if (answer.value < 0) throw runtimeFailure(runtimeName, answer.message, { container: container.name })
  return answer.value
}

/** The exit code comes by the sync pipe, and stands in a file for those who come later. */
async function waitSession(monitor: SpawnedMonitor, exitDirectory: string, id: string, { signal }: AbortOptions = {}): Promise<number> {
  signal?.throwIfAborted()
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  aborted.catch(() => {})
  const answer = await Promise.race([monitor.sync.next(), aborted])
  monitor.release()
  return answer?.value ?? (await readExit(exitDirectory, id))?.exitCode ?? unknownExit
}
