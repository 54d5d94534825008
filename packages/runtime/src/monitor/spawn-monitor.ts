import { isPodwrightError, messageOf } from '@podwright/conventions'
import { closeInheritedOnExec, requireTool, type SpawnedProcess, spawnProcess, type SpawnProcessOptions } from '@podwright/linux'
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

const stderrDescriptor = 2
const syncDescriptor = 3
const startDescriptor = 4
const attachDescriptor = 5

/** How much of stderr is kept for an error. */
const stderrLimit = 64 * 1024

/** Starts a command line that ends in conmon, with the pipes that it wants. */
export async function spawnMonitor(command: readonly string[], options: SpawnMonitorOptions): Promise<SpawnedMonitor> {
  const [file = '', ...words] = command
  // The monitor stays: what we inherited, a pipe of whoever called us, must end with us.
  closeInheritedOnExec()
  const child = await startProcess(file, words, {
    cwd: options.directory,
    env: environment(options),
    // A Ctrl-C at the terminal is for the container, by way of us; conmon makes a session of its own only after this.
    newSession: true,
    descriptors: ['null', 'null', 'writes', 'writes', options.start ? 'reads' : 'null', options.attach ? 'writes' : 'null'],
  })
  const complaint = readComplaint(child.streams[stderrDescriptor]!)
  const attach = child.streams[attachDescriptor]
  const start = child.streams[startDescriptor]
  // A monitor that is gone is seen by its missing answer.
  start?.on('error', () => {})
  return {
    sync: readSyncPipe(child.streams[syncDescriptor]!),
    start,
    attach: attach && readSyncPipe(attach),
    async launched() {
      const { exitCode, signal } = await child.exited()
      if (exitCode !== 0) throw launchFailure({ command, code: exitCode, signal: signal ?? null, stderr: await complaint() })
    },
    kill: () => child.kill('SIGKILL'),
    release: () => child.release(),
  }
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

/** @throws `ERR_MONITOR_FAILED` */
async function startProcess(file: string, words: readonly string[], options: SpawnProcessOptions): Promise<SpawnedProcess> {
  try {
    return await spawnProcess(requireTool(file), words, options)
  } catch (cause) {
    throw new RuntimeError('ERR_MONITOR_FAILED', `cannot start the monitor: ${messageOf(cause)}`, {
      cause,
      ...(isPodwrightError(cause) && cause.hint !== undefined && { hint: cause.hint }),
      details: { command: file },
    })
  }
}

/** What it writes to stderr; asked for, all of it, until it is closed. */
function readComplaint(stream: Readable): () => Promise<string> {
  let text = ''
  const closed = new Promise<void>((resolve) => stream.once('close', resolve))
  stream.setEncoding('utf8')
  stream.on('error', () => {})
  stream.on('data', (chunk: string) => {
    if (text.length < stderrLimit) text += chunk
  })
  return async () => {
    await closed
    return text
  }
}
