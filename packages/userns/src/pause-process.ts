import type { IdMap, IdMapping } from '@podwright/contracts'
import { type AbortOptions, messageOf } from '@podwright/conventions'
import { closeInheritedOnExec, namespaceInode, runTool } from '@podwright/linux'
import { existsSync } from 'node:fs'
import { appArmorHelperPath } from './app-armor.ts'
import { diagnoseUserNamespaces, type DiagnoseOptions, type UsernsFinding } from './diagnostics.ts'
import { UsernsError, type UsernsErrorCode } from './errors.ts'
import { describePause, type PauseRecord } from './pause-record.ts'

/** The tools of a pause process: absolute paths. */
export interface PauseTools {
  readonly unshare: string
  readonly nsenter: string
  readonly newuidmap: string
  readonly newgidmap: string
  /** A small process that waits for ever; undefined: `sleep` does it. */
  readonly catatonit?: string | undefined
}

/** What is done once the process holds the namespaces, and before it is let go: it dies with us until then. */
export type BeforeRelease = (record: PauseRecord) => void | Promise<void>

/** Options of making one. */
export interface StartPauseOptions extends AbortOptions {
  readonly tools: PauseTools
  readonly beforeRelease: BeforeRelease
  /** Absolute paths of files that nothing in the namespaces may write to; one that can't be made so stays as it is. */
  readonly readOnlyFiles: readonly string[]
  readonly diagnose?: DiagnoseOptions | undefined
}

/**
 * Says that it is there, waits for one line, makes files read-only, then becomes the process that waits for ever, with no descriptor of ours. When we die
 * before that line, `read` fails and it ends, so that no half-made namespace stays.
 */
const script = `
echo
read -r go || exit 1
exec </dev/null >/dev/null 2>&1
count=$1
shift
while [ "$count" -gt 0 ]; do
  mount -o bind,ro -- "$1" "$1"
  shift
  count=$((count - 1))
done
exec "$@"
`

/** Slave: what the host mounts appears inside, and what it unmounts is not pinned by us. */
const mountOptions = ['--mount', '--propagation', 'slave'] as const

/** Longer than any machine runs; `infinity` isn't known to every `sleep`. */
const forever = '2147483647'

/** Makes new user and mount namespaces with that id map, held by a process that outlives us. */
export async function startPause(map: IdMap, options: StartPauseOptions): Promise<PauseRecord> {
  const { tools, signal } = options
  const unshare = existsSync(appArmorHelperPath) ? appArmorHelperPath : tools.unshare
  const command = [unshare, '--user', ...mountOptions, '--']
  return holdNamespaces(command, options, async (pid) => {
    await Promise.all([
      runTool(tools.newuidmap, [String(pid), ...mapWords(map.uids)], { signal }),
      runTool(tools.newgidmap, [String(pid), ...mapWords(map.gids)], { signal }),
    ])
  })
}

/**
 * Has a new process hold the user namespace of another one that still lives in it, with a mount namespace made anew: that of a monitor would keep its
 * container's root mounted.
 */
export function rejoinPause(pid: number, options: StartPauseOptions): Promise<PauseRecord> {
  const { nsenter, unshare } = options.tools
  const command = [nsenter, '-t', String(pid), '-U', '--preserve-credentials', '--', unshare, ...mountOptions, '--']
  return holdNamespaces(command, options, () => Promise.resolve())
}

/** `nsenter` and its options that lead into the namespaces of a process. */
export function enterWords(nsenter: string, pid: number): string[] {
  return [nsenter, '-t', String(pid), '-U', '-m', '--preserve-credentials']
}

async function holdNamespaces(
  command: readonly string[],
  options: StartPauseOptions,
  map: (pid: number) => Promise<void>,
): Promise<PauseRecord> {
  const { signal, tools, readOnlyFiles } = options
  const words = [String(readOnlyFiles.length), ...readOnlyFiles, ...waitingCommand(tools)]
  const held = await spawnHeld([...command, '/bin/sh', '-c', script, 'sh', ...words])
  try {
    await held.ready
    await map(held.pid)
    signal?.throwIfAborted()
    const record = describePause(held.pid)
    if (record === undefined || record.userNamespace === namespaceInode('self', 'user'))
      throw new Error('it did not enter a user namespace')
    await options.beforeRelease(record)
    await held.release()
    return record
  } catch (error) {
    held.kill()
    signal?.throwIfAborted()
    throw explain(error, options.diagnose)
  }
}

/** A process that has said nothing yet; it ends when we do, until it is released. */
interface HeldProcess {
  readonly pid: number
  readonly ready: Promise<void>
  release(): Promise<void>
  kill(): void
}

async function spawnHeld([command = '', ...args]: readonly string[]): Promise<HeldProcess> {
  const { spawn } = await import('node:child_process')
  closeInheritedOnExec()
  // A session of its own, the root directory and next to no environment: nothing of ours is kept in use by it.
  const child = spawn(command, args, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => {})
  const letGo = (): void => {
    child.stdout.destroy()
    child.stderr.destroy()
    child.unref()
  }
  return {
    pid: child.pid ?? 0,
    ready: new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(stderr.trim() === '' ? `it ended with ${code}` : stderr.trim())))
      child.stdout.once('data', () => resolve())
    }),
    release: () =>
      new Promise((resolve) => {
        child.stdin.end('go\n', () => {
          letGo()
          resolve()
        })
      }),
    kill: () => {
      child.kill('SIGKILL')
      letGo()
    },
  }
}

function waitingCommand({ catatonit }: PauseTools): string[] {
  return catatonit === undefined ? ['sleep', forever] : [catatonit, '-P']
}

function mapWords(mappings: readonly IdMapping[]): string[] {
  return mappings.flatMap(({ containerId, hostId, size }) => [containerId, hostId, size].map(String))
}

/** The reason that this host gives for the failure, if it has one; the tool's own words otherwise. */
function explain(cause: unknown, diagnose: DiagnoseOptions | undefined): UsernsError {
  if (cause instanceof UsernsError) return cause
  const reason = diagnoseUserNamespaces(diagnose).find(({ status, code }) => status === 'error' && code !== undefined)
  const message = `cannot make the user namespace: ${messageOf(cause)}`
  if (reason?.code === undefined) {
    return new UsernsError('ERR_USERNS_CREATE', message, { cause, hint: '`podwright doctor` explains what this host allows.' })
  }
  return findingError(reason.code, reason, cause)
}

/** A finding, as the error that it leads to. */
export function findingError(code: UsernsErrorCode, finding: UsernsFinding, cause?: unknown): UsernsError {
  return new UsernsError(code, `cannot make the user namespace: ${finding.title}: ${finding.found}`, {
    cause,
    ...(finding.fix === undefined ? {} : { hint: finding.fix }),
    details: { finding: finding.id },
  })
}
