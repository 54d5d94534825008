import { closeSync, constants } from 'node:fs'
import { constants as systemConstants } from 'node:os'
import { Descriptor } from './descriptor.ts'
import { LinuxError } from './errors.ts'
import { libcFunction } from './internal/libc.ts'
import { errnoName, systemError } from './internal/system-error.ts'

/** What a descriptor of the child is: `/dev/null`, a pipe that it reads from or writes to, ours of the same number, or ours of that number. */
export type ChildDescriptor = 'null' | 'reads' | 'writes' | 'inherit' | number

/** How `spawnProcess` starts a program. */
export interface SpawnProcessOptions {
  /** The child's descriptors, from 0 on. @default all three `null` */
  readonly descriptors?: readonly ChildDescriptor[] | undefined
  /** Its whole environment. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** @default that of this process */
  readonly cwd?: string | undefined
  /** In a session of its own, out of reach of the terminal's signals. @default false */
  readonly newSession?: boolean | undefined
  /** Mode bits that the child's files do not get. @default that of this process */
  readonly umask?: number | undefined
}

/** How a child ended. */
export interface ExitStatus {
  /** 128 and the signal's number when a signal killed it, as shells count; -1 when somebody else has waited for it. */
  readonly exitCode: number
  readonly signal: NodeJS.Signals | undefined
}

/** A child that was started. */
export interface SpawnedProcess {
  readonly pid: number
  /** Our ends of its pipes, by its descriptors' numbers. */
  readonly pipes: readonly (Descriptor | undefined)[]
  /** Resolves once it has ended, and is reaped. What is in its pipes is not waited for. */
  exited(): Promise<ExitStatus>
  /** Nothing happens once it has been reaped. */
  kill(signal: NodeJS.Signals): void
  /** Lets go of it: closes the pipes, and has it reaped when it ends without keeping our process for that. */
  release(): void
}

const posixSpawn = libcFunction(
  'int posix_spawn(void *pid, const char *path, const void *actions, const void *attributes, const char **argv, const char **envp)',
)
const actionsInit = libcFunction('int posix_spawn_file_actions_init(void *actions)')
const actionsDestroy = libcFunction('int posix_spawn_file_actions_destroy(void *actions)')
const addOpen = libcFunction('int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, uint32_t mode)')
const addDuplicate = libcFunction('int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)')
const addDirectory = libcFunction('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)')
const attributesInit = libcFunction('int posix_spawnattr_init(void *attributes)')
const setFlags = libcFunction('int posix_spawnattr_setflags(void *attributes, short flags)')
const setSignalDefaults = libcFunction('int posix_spawnattr_setsigdefault(void *attributes, const void *signals)')
const setSignalMask = libcFunction('int posix_spawnattr_setsigmask(void *attributes, const void *signals)')
const pipe2 = libcFunction('int pipe2(void *pair, int flags)')
const fcntl = libcFunction('int fcntl(int fd, int command, int argument)')
const waitpid = libcFunction('int waitpid(int pid, void *status, int options)')

/** Of spawn.h, the same in glibc and musl. */
const flags = { signalDefaults: 0x04, signalMask: 0x08, newSession: 0x80 } as const
const closeOnExec = 0o2000000
const duplicateCloseOnExec = 1030
const noHang = 1
const unknownExit = -1
/** posix_spawn_file_actions_t and posix_spawnattr_t have 80 and 336 bytes in glibc, no more in musl. */
const structBytes = 512
const signalSetBytes = 128

/**
 * Starts a program by posix_spawn(3), which borrows our memory until the program runs. Node's own spawn forks, and copying the page tables of a Node
 * process takes several milliseconds.
 *
 * @param path absolute.
 * @throws ERR_TOOL_FAILED when it can't be executed
 */
export function spawnProcess(path: string, args: readonly string[], options: SpawnProcessOptions = {}): SpawnedProcess {
  const { descriptors = ['null', 'null', 'null'], env = process.env } = options
  const pipes = descriptors.map((kind) => (kind === 'reads' || kind === 'writes' ? openPipe(kind, descriptors.length) : undefined))
  const pid = spawn(path, [path, ...args], environmentWords(env), descriptors, pipes, options)
  return new Child(
    pid,
    pipes.map((pipe) => pipe && new Descriptor(pipe.ours)),
  )
}

interface Pipe {
  readonly ours: number
  readonly theirs: number
}

/** Numbers below `firstFree` are targets in the child; a pipe of ours that has one would be overwritten before it is used. */
function openPipe(kind: 'reads' | 'writes', firstFree: number): Pipe {
  const pair = new Int32Array(2)
  if (pipe2(new Uint8Array(pair.buffer), closeOnExec) < 0) throw systemError('pipe2')
  const [reading, writing] = [outOfTheWay(pair[0]!, firstFree), outOfTheWay(pair[1]!, firstFree)]
  return kind === 'reads' ? { ours: writing, theirs: reading } : { ours: reading, theirs: writing }
}

function outOfTheWay(fd: number, firstFree: number): number {
  if (fd >= firstFree) return fd
  const moved = fcntl(fd, duplicateCloseOnExec, firstFree)
  if (moved < 0) throw systemError('fcntl')
  closeSync(fd)
  return moved
}

function spawn(
  path: string,
  words: readonly string[],
  environment: readonly string[],
  descriptors: readonly ChildDescriptor[],
  pipes: readonly (Pipe | undefined)[],
  { cwd, newSession = false, umask }: SpawnProcessOptions,
): number {
  const actions = new Uint8Array(structBytes)
  actionsInit(actions)
  try {
    for (const [target, kind] of descriptors.entries()) addAction(actions, target, kind, pipes[target])
    if (cwd !== undefined) addDirectory(actions, cwd)
    const pid = new Int32Array(1)
    const errno = withUmask(umask, () =>
      posixSpawn(new Uint8Array(pid.buffer), path, actions, attributesFor(newSession), [...words, null], [...environment, null]),
    )
    if (errno !== 0) throw notStarted(path, errno)
    return pid[0]!
  } catch (error) {
    for (const pipe of pipes) if (pipe !== undefined) closeSync(pipe.ours)
    throw error
  } finally {
    actionsDestroy(actions)
    for (const pipe of pipes) if (pipe !== undefined) closeSync(pipe.theirs)
  }
}

/** A child has that of its parent at its start, and nothing else of ours runs meanwhile. */
function withUmask<Result>(umask: number | undefined, work: () => Result): Result {
  if (umask === undefined) return work()
  const before = process.umask(umask)
  try {
    return work()
  } finally {
    process.umask(before)
  }
}

function addAction(actions: Uint8Array, target: number, kind: ChildDescriptor, pipe: Pipe | undefined): void {
  if (pipe !== undefined) addDuplicate(actions, pipe.theirs, target)
  else if (kind === 'null') addOpen(actions, target, '/dev/null', constants.O_RDWR, 0)
  // Onto itself: it stays open, though Node has ours closed in whatever it executes.
  else addDuplicate(actions, kind === 'inherit' ? target : kind, target)
}

/** As after a fork of Node's: no signal is ignored (SIGPIPE is, by Node) or blocked. */
function attributesFor(newSession: boolean): Uint8Array {
  const attributes = new Uint8Array(structBytes)
  attributesInit(attributes)
  setSignalDefaults(attributes, new Uint8Array(signalSetBytes).fill(0xff))
  setSignalMask(attributes, new Uint8Array(signalSetBytes))
  setFlags(attributes, flags.signalDefaults | flags.signalMask | (newSession ? flags.newSession : 0))
  return attributes
}

function environmentWords(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}

function notStarted(path: string, errno: number): LinuxError {
  return new LinuxError('ERR_TOOL_FAILED', `cannot run ${path}: ${errnoName(errno)}`, { details: { tool: path, errno: errnoName(errno) } })
}

/** Between looks at whether it has ended: at once after its pipes ended, seldom while it goes on. */
const longestPauseMs = 20

class Child implements SpawnedProcess {
  readonly pid: number
  readonly pipes: readonly (Descriptor | undefined)[]
  #status: ExitStatus | undefined

  constructor(pid: number, pipes: readonly (Descriptor | undefined)[]) {
    this.pid = pid
    this.pipes = pipes
  }

  async exited(): Promise<ExitStatus> {
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const status = this.#reap()
      if (status !== undefined) return status
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#reap() === undefined) process.kill(this.pid, signal)
  }

  release(): void {
    for (const pipe of this.pipes) pipe?.close()
    const look = (pauseMs: number): void => {
      if (this.#reap() === undefined) setTimeout(look, pauseMs, Math.min(pauseMs * 2, 1000)).unref()
    }
    look(1)
  }

  #reap(): ExitStatus | undefined {
    if (this.#status !== undefined) return this.#status
    const status = new Int32Array(1)
    const found = waitpid(this.pid, new Uint8Array(status.buffer), noHang)
    if (found === this.pid) this.#status = decode(status[0]!)
    // Somebody else in this process has waited for it.
    else if (found < 0) this.#status = { exitCode: unknownExit, signal: undefined }
    return this.#status
  }
}

/** wait(2): the low seven bits are the signal, the next byte is the exit code. */
function decode(status: number): ExitStatus {
  const number = status & 0x7f
  if (number === 0) return { exitCode: (status >> 8) & 0xff, signal: undefined }
  const name = Object.entries(systemConstants.signals).find(([, value]) => value === number)?.[0]
  return { exitCode: 128 + number, signal: name as NodeJS.Signals | undefined }
}
