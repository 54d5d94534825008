import type { MonitoredContainer, MonitorExecOptions, MonitorSession } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
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
 * Starts conmon for a command inside a container. It waits for a word before it does anything, and, with a client, for another one before it
 * has the runtime run the command, so that the client is there first.
 */
export async function openSession(
  options: MonitorOptions,
  container: MonitoredContainer,
  exec: MonitorExecOptions,
): Promise<MonitorSession> {
  exec.signal?.throwIfAborted()
  const exitDirectory = join(exec.sessionDirectory, 'exit')
  mkdirSync(exitDirectory, { recursive: true, mode: 0o700 })
  const { processDirectory = exec.sessionDirectory } = exec
  mkdirSync(processDirectory, { recursive: true, mode: 0o700 })
  writeFileSync(processPath(processDirectory), processText(exec.process), { mode: 0o600 })
  rmSync(join(exitDirectory, container.id), { force: true })
  const monitor = spawnSession(options, container, exec)
  const session = new ConmonSession(monitor, options.runtime.name, container, exec)
  try {
    if (exec.attach) await session.prepare()
    return session
  } catch (error) {
    monitor.release()
    throw error
  }
}

function spawnSession(
  { path, runtime, logLevel = 'error' }: MonitorOptions,
  container: MonitoredContainer,
  exec: MonitorExecOptions,
): SpawnedMonitor {
  const command = [path, ...execArguments(container, exec, runtime, logLevel)]
  const directory = container.prefix.length > 0 ? exec.sessionDirectory : undefined
  return spawnMonitor(monitorCommand(container.prefix, command, { directory }), {
    directory: exec.sessionDirectory,
    environment: container.environment ?? {},
    start: true,
    attach: exec.attach,
    handedOn: container.descriptors,
  })
}

class ConmonSession implements MonitorSession {
  readonly attachSocket: string | undefined
  readonly controlFifo: string | undefined
  #monitorPid = 0
  #started = false
  readonly #monitor: SpawnedMonitor
  readonly #runtimeName: string
  readonly #container: MonitoredContainer
  readonly #exec: MonitorExecOptions

  constructor(monitor: SpawnedMonitor, runtimeName: string, container: MonitoredContainer, exec: MonitorExecOptions) {
    const paths = monitorPaths(exec.sessionDirectory)
    this.#monitor = monitor
    this.#runtimeName = runtimeName
    this.#container = container
    this.#exec = exec
    this.attachSocket = exec.attach ? paths.socketPath : undefined
    this.controlFifo = exec.process.terminal ? paths.controlFifo : undefined
  }

  get monitorPid(): number {
    return this.#monitorPid
  }

  /** Lets the monitor detach itself and, for a client, listen. */
  async prepare(): Promise<void> {
    this.#monitor.proceed()
    await this.#monitor.launched()
    this.#monitorPid = readPid(monitorPaths(this.#exec.sessionDirectory).monitorPidFile)
    if (!this.#exec.attach) return
    const ready = await this.#monitor.attach?.next()
    if (ready !== undefined && ready.value >= 0) return
    throw new RuntimeError('ERR_MONITOR_FAILED', `the monitor could not listen for a client: ${ready?.message ?? 'it ended'}`)
  }

  async start(): Promise<number> {
    this.#started = true
    if (this.#exec.attach) this.#monitor.proceed()
    else await this.prepare()
    const answer = await this.#monitor.sync.next()
    if (answer !== undefined && answer.value >= 0) return answer.value
    this.#monitor.release()
    if (answer === undefined) throw new RuntimeError('ERR_MONITOR_FAILED', 'the monitor ended before the command ran')
    throw runtimeFailure(this.#runtimeName, answer.message, {
      container: this.#container.name,
      operation: 'run the command in',
      command: this.#exec.process.args[0],
    })
  }

  /** The exit code comes by the sync pipe, and stands in a file for those who come later. */
  async wait({ signal }: AbortOptions = {}): Promise<number> {
    signal?.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    const onAbort = (): void => aborted.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      const answer = await Promise.race([this.#monitor.sync.next(), aborted.promise])
      this.#monitor.release()
      const file = answer ?? readExit(join(this.#exec.sessionDirectory, 'exit'), this.#container.id)
      return file === undefined ? unknownExit : 'value' in file ? file.value : file.exitCode
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  [Symbol.dispose](): void {
    // The end of its pipe would be as good as a word to it.
    if (!this.#started) {
      this.#monitor.kill()
      if (this.#monitorPid > 0) killMonitor(this.#monitorPid)
    }
    this.#monitor.release()
  }
}

/** It leads a process group, with the child in it that is to become the runtime. */
function killMonitor(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
