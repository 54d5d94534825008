import type { NamespaceSession, NamespaceTask, RunTaskOptions } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { UsernsError } from './errors.ts'
import { onJsonLines, writeJsonLine } from './internal/json-lines.ts'
import { channelFd, type Request, type Response } from './internal/protocol.ts'
import { fromWire } from './internal/wire-error.ts'

/** The program that a worker runs: a file that calls `serveNamespaceTasks`. */
export interface WorkerEntry {
  /** Absolute. */
  readonly path: string
  /** Words for Node before the path. @default none */
  readonly execArgv?: readonly string[] | undefined
  /** Added to the worker's environment, which has PATH, HOME and TMPDIR only. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** How a worker is started. */
export interface OpenWorkerOptions {
  /** Words before Node's. */
  readonly prefix: readonly string[]
  readonly entry: WorkerEntry
  /** Given what the worker writes on stderr: warnings of Node, diagnostics. @default dropped, but for the tail that an error quotes */
  readonly onDiagnostics?: ((text: string) => void) | undefined
}

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (reason: unknown) => void
  readonly onProgress: ((event: unknown) => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** What of the worker's stderr goes into an error. */
const tailLength = 4000

/** How long a worker may take to end after its channel has. Longer than it gives its own tasks. */
const graceMs = 7000

/** Starts a worker. Its process ends with this one, whatever happens to this one. */
export async function openWorker({ prefix, entry, onDiagnostics }: OpenWorkerOptions): Promise<WorkerSession> {
  const { spawn } = await import('node:child_process')
  const [command = process.execPath, ...args] = [...prefix, process.execPath, ...(entry.execArgv ?? []), entry.path]
  const env = { ...pick(['PATH', 'HOME', 'TMPDIR']), ...entry.env }
  // In a session of its own: a key that interrupts us must not kill it in the middle of its work.
  const child = spawn(command, args, { cwd: '/', env, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  return new WorkerSession(child, onDiagnostics)
}

/** A running worker. While no task runs, it does not keep this process from ending. */
export class WorkerSession implements NamespaceSession {
  readonly #child: ChildProcess
  readonly #channel: Duplex
  readonly #pending = new Map<number, Pending>()
  readonly #ended: Promise<void>
  #nextId = 1
  #tail = ''
  #failure: UsernsError | undefined

  constructor(child: ChildProcess, onDiagnostics: ((text: string) => void) | undefined) {
    this.#child = child
    this.#channel = child.stdio[channelFd] as Duplex
    onJsonLines<Response>(this.#channel, (response) => this.#receive(response))
    // What breaks the channel ends the process, which says more.
    this.#channel.on('error', () => child.kill())
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-tailLength)
      emitProgress(onDiagnostics, text)
    })
    this.#ended = new Promise((resolve) => {
      child.on('error', (cause) => {
        this.#fail(`cannot start a worker: ${cause.message}`, cause)
        resolve()
      })
      child.on('close', (code, signal) => {
        this.#fail(`a worker ended before its task did, ${signal === null ? `with ${code}` : `killed by ${signal}`}`)
        resolve()
      })
    })
    this.#hold(false)
  }

  run<Args, Result, Progress>(
    task: NamespaceTask<Args, Result, Progress>,
    args: Args,
    options: RunTaskOptions<Progress> = {},
  ): Promise<Result> {
    const { signal, onProgress } = options
    return new Promise<Result>((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      if (this.#failure !== undefined) return reject(this.#failure)
      const id = this.#nextId++
      const onAbort = (): void => this.#send({ id, abort: true })
      const settle = (then: () => void): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#pending.delete(id)
        if (this.#pending.size === 0) this.#hold(false)
        then()
      }
      this.#pending.set(id, {
        resolve: (result) => settle(() => resolve(result as Result)),
        reject: (reason) => settle(() => reject(reason)),
        onProgress: onProgress as ((event: unknown) => void) | undefined,
        signal,
      })
      this.#hold(true)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#send({ id, task: task.name, args })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hold(true)
    this.#channel.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs)
    await this.#ended
    clearTimeout(timer)
  }

  #send(request: Request): void {
    writeJsonLine(this.#channel, request)
  }

  #receive(response: Response): void {
    const pending = this.#pending.get(response.id)
    if (pending === undefined) return
    if ('progress' in response) emitProgress(pending.onProgress, response.progress)
    else if ('result' in response) pending.resolve(response.result ?? undefined)
    // A task that was called off answers once it has tidied up; the reason is the caller's.
    else pending.reject(pending.signal?.aborted === true ? pending.signal.reason : fromWire(response.error))
  }

  #fail(what: string, cause?: unknown): void {
    const tail = this.#tail.trim()
    this.#failure ??= new UsernsError('ERR_NAMESPACE_WORKER', tail === '' ? what : `${what}: ${tail}`, {
      cause,
      details: { stderr: tail, exitCode: this.#child.exitCode, signal: this.#child.signalCode },
    })
    for (const { reject, signal } of this.#pending.values()) reject(signal?.aborted === true ? signal.reason : this.#failure)
  }

  /** Whether this process waits for the worker. */
  #hold(wanted: boolean): void {
    const verb = wanted ? 'ref' : 'unref'
    this.#child[verb]()
    for (const stream of [this.#channel, this.#child.stderr] as unknown as readonly Socket[]) stream[verb]()
  }
}

function pick(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
