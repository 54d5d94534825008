import { isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import {
  type ChildDescriptor,
  closeInheritedOnExec,
  type Descriptor,
  requireTool,
  type SpawnedProcess,
  spawnProcess,
  type SpawnProcessOptions,
} from '@podwright/linux'
import { RuntimeError } from '../errors.ts'
import { launchFailure, mountFailure } from './launch-failure.ts'
import { type MonitorDescriptors, monitorDescriptors, mountsDone } from './monitor-command.ts'
import { readSyncPipe, type SyncPipe } from './sync-pipe.ts'

/** A monitor's first process, which goes away once the monitor runs by itself. */
export interface SpawnedMonitor {
  readonly sync: SyncPipe
  /** Releases one step; only with `start`. */
  proceed(): void
  /** Tells when clients can attach. Undefined without `attach`. */
  readonly attach: SyncPipe | undefined
  /** Has these be mounted; what `mountOrders` makes. Only with `mounts`. */
  mount(orders: string): void
  /** Resolves once that is done, and at once without `mounts`. @throws why it could not be, or why the monitor could not be started */
  mounted(): Promise<void>
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
  /** Whether there is somebody who mounts for it. @default false */
  readonly mounts?: boolean | undefined
  /** It gets our stdin, stdout and stderr, to hand them on. What is wrong with it is then said there. @default false */
  readonly passStdio?: boolean | undefined
  /** Descriptors of ours that it hands on to the container. @default none */
  readonly handedOn?: readonly number[] | undefined
}

const stderrDescriptor = 2

/** How much of what is written for people is kept for an error. */
const textLimit = 64 * 1024

/** Mount points that the runtime makes are the container's: they must not be closed to its users because whoever starts it keeps files to themselves. */
const runtimeUmask = 0o022

/** Starts a command line that ends in conmon, with the pipes that it wants. */
export function spawnMonitor(command: readonly string[], options: SpawnMonitorOptions): SpawnedMonitor {
  const [file = '', ...words] = command
  const numbers = monitorDescriptors(options.handedOn)
  // The monitor stays: what we inherited, a pipe of whoever called us, must end with us.
  closeInheritedOnExec()
  const child = startProcess(file, words, {
    cwd: options.directory,
    env: environment(options, numbers),
    // A Ctrl-C at the terminal is for the container, by way of us; conmon makes a session of its own only after this.
    newSession: true,
    umask: runtimeUmask,
    descriptors: descriptors(options, numbers),
  })
  const { pipes } = child
  const attach = pipes[numbers.attach]
  const orders = pipes[numbers.orders]
  const answers = pipes[numbers.answers]
  // Read at once: who writes must not have to wait.
  const stderr = pipes[stderrDescriptor]
  const complaint = stderr === undefined ? '' : readUntil(stderr)
  const answer = answers && readUntil(answers, `${mountsDone}\n`)
  let ordered: Promise<void> | undefined
  const launched = async (): Promise<void> => {
    const { exitCode, signal } = await child.exited()
    if (exitCode !== 0) throw launchFailure({ command, code: exitCode, signal: signal ?? null, stderr: await complaint })
  }
  return {
    sync: readSyncPipe(pipes[numbers.sync]!),
    proceed: () => void say(pipes[numbers.start], '\0'),
    attach: attach && readSyncPipe(attach),
    mount(text) {
      ordered = say(orders, text)
    },
    async mounted() {
      await ordered
      orders?.close()
      const text = await answer
      if (text === undefined || text === `${mountsDone}\n`) return
      // Nothing at all: whoever was to mount has not come to it.
      if (text === '') await launched()
      throw mountFailure(text)
    },
    launched,
    kill: () => child.kill('SIGKILL'),
    release: () => child.release(),
  }
}

function environment({ environment: own, start, attach }: SpawnMonitorOptions, numbers: MonitorDescriptors): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...own,
    _OCI_SYNCPIPE: String(numbers.sync),
    ...(start ? { _OCI_STARTPIPE: String(numbers.start) } : {}),
    ...(attach ? { _OCI_ATTACHPIPE: String(numbers.attach) } : {}),
  }
}

/** @throws `ERR_MONITOR_FAILED` */
function startProcess(file: string, words: readonly string[], options: SpawnProcessOptions): SpawnedProcess {
  try {
    return spawnProcess(requireTool(file), words, options)
  } catch (cause) {
    throw new RuntimeError('ERR_MONITOR_FAILED', `cannot start the monitor: ${messageOf(cause)}`, {
      cause,
      ...(isPodwrightError(cause) && cause.hint !== undefined && { hint: cause.hint }),
      details: { command: file },
    })
  }
}

function descriptors(
  { start, attach, mounts = false, passStdio = false, handedOn = [] }: SpawnMonitorOptions,
  numbers: MonitorDescriptors,
): readonly ChildDescriptor[] {
  const standard: readonly ChildDescriptor[] = passStdio ? ['inherit', 'inherit', 'inherit'] : ['null', 'null', 'writes']
  const others = Array.from({ length: numbers.sync - standard.length }, (_, index) => index + standard.length)
  const handed = others.map((fd): ChildDescriptor => (handedOn.includes(fd) ? 'inherit' : 'null'))
  const all: ChildDescriptor[] = [...standard, ...handed, 'writes', start ? 'reads' : 'null', attach ? 'writes' : 'null']
  return mounts ? [...all, 'reads', 'writes'] : all
}

/** Who is gone is seen by the missing answer. */
async function say(pipe: Descriptor | undefined, text: string): Promise<void> {
  try {
    await pipe?.write(text)
  } catch (error) {
    if (systemCodeOf(error) !== 'EPIPE') throw error
  }
}

/** What is written to a pipe until it is closed, or that has been said; no more of it than is good for an error. */
async function readUntil(pipe: Descriptor, last?: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for (let chunk = await pipe.read(); chunk !== undefined; chunk = await pipe.read()) {
    if (text.length < textLimit) text += decoder.decode(chunk, { stream: true })
    if (text === last) break
  }
  return text
}
