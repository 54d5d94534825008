import { closeInheritedOnExec } from '@podwright/linux'
import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { RuntimeError } from '../errors.ts'
import { launchFailure } from './launch-failure.ts'
import { readSyncPipe, type SyncPipe } from './sync-pipe.ts'

/** A monitor's first process, which goes away once the monitor runs by itself. */
export interface SpawnedMonitor {
  readonly sync: SyncPipe
  /** Each write releases one step. Undefined without `start`. */
  readonly start: Writable | undefined
  /** Tells when clients can attach. Undefined without `attach`. */
  readonly attach: SyncPipe | undefined
  /** Resolves once the monitor has detached itself. @throws why it could not be started */
  launched(): Promise<void>
  /** Ends it, while it has not detached itself. */
  kill(): void
  /** Lets go of all descriptors. */
  release(): void
}

/** What a monitor is spawned with. */
export interface SpawnMonitorOptions {
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** Whether the monitor waits for a word before it has the runtime work. */
  readonly start: boolean
  readonly attach: boolean
}

const syncDescriptor = 3
const startDescriptor = 4
const attachDescriptor = 5

/** How much of stderr is kept for an error. */
const stderrLimit = 64 * 1024

/** Starts a command line that ends in conmon, with the pipes that it wants. */
export async function spawnMonitor(command: readonly string[], options: SpawnMonitorOptions): Promise<SpawnedMonitor> {
  const { spawn } = await import('node:child_process')
  const [file = '', ...words] = command
  // The monitor stays: what we inherited, a pipe of whoever called us, must end with us.
  closeInheritedOnExec()
  const child = spawn(file, words, {
    cwd: options.directory,
    env: environment(options),
    // A Ctrl-C at the terminal is for the container, by way of us; conmon makes a session of its own only after this.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', options.start ? 'pipe' : 'ignore', options.attach ? 'pipe' : 'ignore'],
  })
  const sync = readSyncPipe(stream<Readable>(child, syncDescriptor))
  const start = options.start ? stream<Writable>(child, startDescriptor) : undefined
  // A monitor that is gone is seen by its missing answer.
  start?.on('error', () => {})
  const attach = options.attach ? readSyncPipe(stream<Readable>(child, attachDescriptor)) : undefined
  const launch = launchOf(child, command)
  // Whoever waits for an answer that never comes learns the reason from here; until then it must not be an unhandled rejection.
  launch.catch(() => {})
  return {
    sync,
    start,
    attach,
    launched: () => launch,
    kill: () => void child.kill('SIGKILL'),
    release: () => {
      sync.close()
      attach?.close()
      start?.destroy()
      child.stderr?.destroy()
      child.unref()
    },
  }
}

/** Node's types know five descriptors only. */
function stream<T extends Readable | Writable>(child: ChildProcess, descriptor: number): T {
  return (child.stdio as readonly unknown[])[descriptor] as T
}

function environment({ environment: own, start, attach }: SpawnMonitorOptions): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...own,
    _OCI_SYNCPIPE: String(syncDescriptor),
    ...(start ? { _OCI_STARTPIPE: String(startDescriptor) } : {}),
    ...(attach ? { _OCI_ATTACHPIPE: String(attachDescriptor) } : {}),
  }
}

function launchOf(child: ChildProcess, command: readonly string[]): Promise<void> {
  let stderr = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    if (stderr.length < stderrLimit) stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      reject(
        new RuntimeError('ERR_MONITOR_FAILED', `cannot start the monitor: ${command[0]}: ${cause.message}`, {
          cause,
          details: { command: command[0] },
        }),
      )
    })
    child.on('exit', (code, signal) => {
      if (code === 0) resolve()
      // What it wrote may arrive after it ended.
      else child.once('close', () => reject(launchFailure({ command, code, signal, stderr })))
    })
  })
}
