import type { IdMap } from '@podwright/contracts'
import { systemClock } from '@podwright/conventions'
import { bootId, findTool, lockFile, namespaceInode, readProcessStat, requireTool } from '@podwright/linux'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { diagnoseUserNamespaces } from './diagnostics.ts'
import { fullIdMap, readIdMap, validateIdMappings } from './id-map.ts'
import type { NamespaceExecutorComponents, NamespaceExecutorOptions } from './namespace-executor.ts'
import { findingError, type PauseTools, rejoinPause, startPause, type StartPauseOptions } from './pause-process.ts'
import { livingPause, type PauseRecord, readPauseRecord, writePauseRecord } from './pause-record.ts'
import { currentUser, readSubIds, type ReadSubIdsOptions } from './sub-ids.ts'

/** Makes the pause process. One process makes it; the others wait for the lock, and then find it made. */
export async function makePause(
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
  { stateDirectory, subIds = {}, readOnlyFiles = () => [] }: NamespaceExecutorOptions,
  signal: AbortSignal | undefined,
): Promise<PauseRecord> {
  const diagnose = { ...subIds, find }
  const start: StartPauseOptions = {
    tools: findTools(find),
    signal,
    diagnose,
    readOnlyFiles: readOnlyFiles(),
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

/** A process that lives in our user namespace: in the recorded one, or, when nothing is recorded, in another one than this process. */
async function findSurvivor(
  survivors: NamespaceExecutorComponents['survivors'],
  lost: PauseRecord | undefined,
): Promise<number | undefined> {
  const pids = (await survivors?.()) ?? []
  const own = namespaceInode('self', 'user')
  // Inodes are used again after a boot.
  const expected = lost?.bootId === bootId() ? lost.userNamespace : undefined
  return pids.find((pid) => {
    const stat = readProcessStat(pid)
    const namespace = namespaceInode(pid, 'user')
    if (stat === undefined || stat.state === 'Z') return false
    if (namespace === undefined || namespace === own || readIdMap(pid) === undefined) return false
    return expected === undefined || namespace === expected
  })
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

/** The map that a new namespace of this user gets; undefined without ranges. */
export function ownIdMap(subIds: ReadSubIdsOptions | undefined): IdMap | undefined {
  const user = subIds?.user ?? currentUser()
  const ranges = readSubIds({ ...subIds, user })
  if (ranges.uids.length === 0 || ranges.gids.length === 0) return undefined
  return fullIdMap(user.uid, process.getgid?.() ?? user.uid, ranges)
}
