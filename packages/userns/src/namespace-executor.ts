import type { IdMap, NamespaceExecutor } from '@podwright/contracts'
import { type AbortOptions, type Clock, systemClock } from '@podwright/conventions'
import { findTool, lockFile, namespaceInode, readProcessStat, requireTool } from '@podwright/linux'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { diagnoseUserNamespaces } from './diagnostics.ts'
import { executorOver, type ExecutorOptions } from './executor.ts'
import { fullIdMap, readIdMap, validateIdMappings } from './id-map.ts'
import { enterWords, findingError, type PauseTools, rejoinPause, startPause, type StartPauseOptions } from './pause-process.ts'
import { holdsNamespaces, isPauseAlive, type PauseRecord, readPauseRecord, writePauseRecord } from './pause-record.ts'
import { currentUser, readSubIds, type ReadSubIdsOptions } from './sub-ids.ts'

/** What an executor needs from others. */
export interface NamespaceExecutorComponents {
  /** Pids of processes that may still live in our namespaces: the monitors of running containers. Asked only when the pause process died. @default none */
  readonly survivors?: (() => Promise<readonly number[]>) | undefined
  /** Finds a tool's absolute path. @default `findTool` of @podwright/linux */
  readonly findTool?: ((name: string) => string | undefined) | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

/** Options of the rootless executor. */
export interface NamespaceExecutorOptions extends ExecutorOptions {
  /** Where the pause process is recorded and locked, in the data root: one per user. Made when it isn't there. */
  readonly stateDirectory: string
  /** Where the ranges of ids are looked up. */
  readonly subIds?: ReadSubIdsOptions | undefined
}

/** The executor of root: nothing stands before a command, and a worker is a plain child. */
export function createHostExecutor(options: ExecutorOptions): NamespaceExecutor {
  return executorOver({ rootless: false, idMap: () => undefined, prefix: () => Promise.resolve([]) }, options)
}

/**
 * The executor of a plain user: one pause process per user holds a user namespace with the user's ranges of ids and a mount namespace, and everything
 * else enters those.
 *
 * As uid 0 (inside those namespaces, or inside a container), there is nothing to enter: the prefix is empty.
 */
export function createNamespaceExecutor(components: NamespaceExecutorComponents, options: NamespaceExecutorOptions): NamespaceExecutor {
  const inside = process.geteuid?.() === 0
  const find = components.findTool ?? findTool
  const prefix = async ({ signal }: AbortOptions = {}): Promise<readonly string[]> => {
    if (inside) return []
    signal?.throwIfAborted()
    const record = livingPause(options.stateDirectory) ?? (await makePause(components, options, signal))
    return [...enterWords(find('nsenter') ?? requireTool('nsenter'), record.pid), '--']
  }
  const idMap = (): IdMap | undefined => {
    if (inside) return undefined
    const record = livingPause(options.stateDirectory)
    return (record === undefined ? undefined : readIdMap(record.pid)) ?? ownIdMap(options.subIds)
  }
  return executorOver({ rootless: true, idMap, prefix }, options)
}

/** The pause process of that directory, if it lives. */
export function livingPause(stateDirectory: string): PauseRecord | undefined {
  const record = readPauseRecord(stateDirectory)
  return record !== undefined && isPauseAlive(record) ? record : undefined
}

/** One process makes it; the others wait for the lock, and then find it made. */
async function makePause(
  components: NamespaceExecutorComponents,
  options: NamespaceExecutorOptions,
  signal: AbortSignal | undefined,
): Promise<PauseRecord> {
  const { stateDirectory } = options
  const { clock = systemClock } = components
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
  const lock = await lockFile(join(stateDirectory, 'pause.lock'), { signal, clock })
  try {
    return livingPause(stateDirectory) ?? (await makePauseLocked(components, options, signal))
  } finally {
    lock.release()
  }
}

async function makePauseLocked(
  { findTool: find = findTool, survivors }: NamespaceExecutorComponents,
  { stateDirectory, subIds = {} }: NamespaceExecutorOptions,
  signal: AbortSignal | undefined,
): Promise<PauseRecord> {
  const diagnose = { ...subIds, find }
  const start: StartPauseOptions = {
    tools: findTools(find),
    signal,
    diagnose,
    beforeRelease: (record) => writePauseRecord(stateDirectory, record),
  }
  const survivor = await findSurvivor(survivors, readPauseRecord(stateDirectory))
  if (survivor !== undefined) return rejoinPause(survivor, start)
  const map = ownIdMap(subIds)
  if (map === undefined) throw noRanges(diagnose)
  validateIdMappings(map.uids)
  validateIdMappings(map.gids)
  return startPause(map, start)
}

/** A process that lives in namespaces of ours: in the recorded ones, or, when nothing is recorded, in another user namespace than this process. */
async function findSurvivor(
  survivors: NamespaceExecutorComponents['survivors'],
  lost: PauseRecord | undefined,
): Promise<number | undefined> {
  const pids = (await survivors?.()) ?? []
  const own = namespaceInode('self', 'user')
  return pids.find((pid) => {
    const stat = readProcessStat(pid)
    const namespace = namespaceInode(pid, 'user')
    if (stat === undefined || stat.state === 'Z' || namespace === undefined || namespace === own || readIdMap(pid) === undefined)
      return false
    return lost === undefined || holdsNamespaces(pid, lost)
  })
}

function ownIdMap(subIds: ReadSubIdsOptions | undefined): IdMap | undefined {
  const user = subIds?.user ?? currentUser()
  const ranges = readSubIds({ ...subIds, user })
  if (ranges.uids.length === 0 || ranges.gids.length === 0) return undefined
  return fullIdMap(user.uid, process.getgid?.() ?? user.uid, ranges)
}

function noRanges(diagnose: Parameters<typeof diagnoseUserNamespaces>[0]): Error {
  const findings = diagnoseUserNamespaces(diagnose)
  const finding = findings.find(({ code }) => code === 'ERR_USERNS_NO_SUBIDS')
  return findingError(
    'ERR_USERNS_NO_SUBIDS',
    finding ?? { id: 'subuid', title: 'subordinate ids', status: 'error', found: 'no range for this user' },
  )
}

function findTools(find: (name: string) => string | undefined): PauseTools {
  const mapper = (name: 'newuidmap' | 'newgidmap'): string => {
    const path = find(name)
    if (path !== undefined) return path
    const finding = diagnoseUserNamespaces({ find }).find(({ id }) => id === name)
    throw findingError('ERR_USERNS_NEWUIDMAP_MISSING', finding ?? { id: name, title: name, status: 'error', found: 'not installed' })
  }
  return {
    unshare: find('unshare') ?? requireTool('unshare'),
    nsenter: find('nsenter') ?? requireTool('nsenter'),
    newuidmap: mapper('newuidmap'),
    newgidmap: mapper('newgidmap'),
    catatonit: find('catatonit'),
  }
}
