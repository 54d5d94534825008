import type { ContainerOptions, ContainerTuning, JoinedNamespace, NamespaceChoice } from '@podwright/contracts'
import { containerSysctls, type NamespaceMode, type NamespacesInput } from '@podwright/runtime'
import { existsSync, readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { isJoined } from '../containers/joined-network.ts'
import { lookUpContainer } from '../containers/lookup.ts'
import { observe } from '../containers/observe.ts'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord, ContainerSettings } from '../state/record.ts'
import { hostnameAt } from './hostname-at.ts'
import { invalid } from './invalid.ts'

/** The kinds that can be another's, with the kernel's names of them. */
const kinds = { pidNamespace: 'pid', ipcNamespace: 'ipc', utsNamespace: 'uts', cgroupNamespace: 'cgroup' } as const

type Field = keyof typeof kinds

/** What checked namespaces make of a container. */
export interface CheckedNamespaces {
  readonly tuning: Pick<ContainerTuning, Field>
  readonly settings: Partial<Pick<ContainerSettings, 'hostname'>>
}

/**
 * The namespaces as they are recorded: another container by its id, so that it may be renamed. With another's uts namespace, the host name is that one's.
 *
 * @throws `ERR_CONTAINER_OPTION_INVALID`, `ERR_CONTAINER_NOT_FOUND`
 */
export async function checkNamespaces(parts: EngineParts, tuning: ContainerTuning, options: ContainerOptions): Promise<CheckedNamespaces> {
  refuseContradictions(tuning, options)
  const store = await parts.store()
  const checked: Partial<Record<Field, JoinedNamespace>> = {}
  for (const field of Object.keys(kinds) as Field[]) {
    const choice = tuning[field]
    if (typeof choice !== 'object') continue
    if ('path' in choice) {
      if (!posix.isAbsolute(choice.path) || !existsSync(choice.path))
        throw invalid(
          `cannot join the ${kinds[field]} namespace ${choice.path}: it is not there`,
          `It is a file as /proc/PID/ns/${kinds[field]}.`,
        )
      continue
    }
    const other = lookUpContainer(store, choice.container)
    if (field === 'ipcNamespace') refuseUnshared(other)
    checked[field] = { container: other.id }
  }
  return { tuning: checked, settings: await namedBy(parts, { ...tuning, ...checked }) }
}

function refuseContradictions(
  { pidNamespace, ipcNamespace, utsNamespace, shmSizeBytes, systemdShmSizeBytes, init }: ContainerTuning,
  { hostname }: ContainerOptions,
): void {
  if (utsNamespace === 'host' && hostname !== undefined) throw invalid("cannot set a host name in the host's uts namespace")
  if (typeof utsNamespace === 'object' && hostname !== undefined) throw invalid('cannot set a host name in a uts namespace that is joined')
  if (ipcNamespace === 'host' && shmSizeBytes !== undefined) throw invalid("cannot set the size of /dev/shm in the host's ipc namespace")
  if (ipcNamespace === 'none' && shmSizeBytes !== undefined) throw invalid('cannot set the size of /dev/shm: with --ipc none there is none')
  if (typeof ipcNamespace === 'object' && 'container' in ipcNamespace && shmSizeBytes !== undefined)
    throw invalid("cannot set the size of /dev/shm: it is another container's")
  if (shmSizeBytes !== undefined && !(Number.isSafeInteger(shmSizeBytes) && shmSizeBytes >= 0)) {
    throw invalid(`the size ${shmSizeBytes} of /dev/shm is no number of bytes`)
  }
  if (systemdShmSizeBytes !== undefined && !(Number.isSafeInteger(systemdShmSizeBytes) && systemdShmSizeBytes >= 0)) {
    throw invalid(`the size ${systemdShmSizeBytes} of systemd's file systems in memory is no number of bytes`)
  }
  if (init !== undefined && pidNamespace !== undefined && pidNamespace !== 'private') {
    throw invalid("cannot add an init: it must be the first process, and the pid namespace is not the container's own")
  }
}

/** What is private stays so: its /dev/shm can only be seen from within. */
function refuseUnshared({ name, settings }: ContainerRecord): void {
  if (settings.tuning?.ipcNamespace === 'shareable') return
  throw invalid(`cannot join the ipc namespace of ${name}: it is not shareable`, `Make that container with --ipc shareable.`)
}

async function namedBy(parts: EngineParts, { utsNamespace }: ContainerTuning): Promise<CheckedNamespaces['settings']> {
  if (typeof utsNamespace !== 'object') return {}
  if ('path' in utsNamespace) return { hostname: await hostnameAt(parts, utsNamespace.path) }
  return { hostname: (await parts.store()).require(utsNamespace.container).settings.hostname }
}

/** @throws `ERR_SYSCTL` */
export function checkSysctls({ network }: ContainerSettings, { sysctls, ipcNamespace, utsNamespace }: ContainerTuning): void {
  if (sysctls === undefined) return
  // What is another's is not a container's to set.
  const own = (choice: ContainerTuning['ipcNamespace']): 'host' | 'private' =>
    choice === 'host' || typeof choice === 'object' ? 'host' : 'private'
  containerSysctls(sysctls, { network: isJoined(network) ? 'host' : network, ipc: own(ipcNamespace), uts: own(utsNamespace) })
}

/** The namespaces of a container that is being started. @throws `ERR_CONTAINER_NOT_FOUND`, `ERR_CONTAINER_NOT_RUNNING` */
export async function joinedNamespaces(parts: EngineParts, tuning: ContainerTuning): Promise<NamespacesInput> {
  const modes: { -readonly [Kind in (typeof kinds)[Field]]?: NamespaceMode } = {}
  for (const field of Object.keys(kinds) as Field[]) {
    const choice = tuning[field]
    if (choice !== undefined)
      modes[kinds[field]] = await modeOf(parts, kinds[field], choice === 'none' || choice === 'shareable' ? 'private' : choice)
  }
  return modes
}

async function modeOf(parts: EngineParts, kind: string, choice: NamespaceChoice): Promise<NamespaceMode> {
  if (typeof choice !== 'object') return choice
  const other = 'container' in choice ? await joined(parts, kind, choice.container) : choice
  return isOurs(kind, other.path) ? 'host' : other
}

/** One that we are in ourselves, which a plain user may not enter again. */
function isOurs(kind: string, path: string): boolean {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`) === readlinkSync(path)
  } catch {
    // A file that a namespace is bound to is no link, and what we may not look at is not ours.
    return false
  }
}

async function joined(parts: EngineParts, kind: string, id: string): Promise<{ readonly path: string }> {
  const record = lookUpContainer(await parts.store(), id)
  const { pid, status } = observe(record, parts.evidence)
  if (pid !== 0) return { path: `/proc/${pid}/ns/${kind}` }
  throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot join the ${kind} namespace of ${record.name}: it is ${status}`, {
    hint: `Start it first: podwright start ${record.name}`,
    details: { id, status },
  })
}
