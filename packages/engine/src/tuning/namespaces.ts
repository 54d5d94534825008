import type { ContainerOptions, ContainerTuning } from '@podwright/contracts'
import { containerSysctls, type NamespacesInput } from '@podwright/runtime'
import { EngineError } from '../errors.ts'
import { isJoined } from '../containers/joined-network.ts'
import { lookUpContainer } from '../containers/lookup.ts'
import { observe } from '../containers/observe.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerSettings } from '../state/record.ts'
import { invalid } from './invalid.ts'

/**
 * The namespaces as they are recorded: another container by its id, so that it may be renamed.
 *
 * @throws `ERR_CONTAINER_OPTION_INVALID`, `ERR_CONTAINER_NOT_FOUND`
 */
export async function checkNamespaces(
  parts: EngineParts,
  { pidNamespace, ipcNamespace, utsNamespace, shmSizeBytes, init }: ContainerTuning,
  { hostname }: ContainerOptions,
): Promise<Pick<ContainerTuning, 'pidNamespace'>> {
  if (utsNamespace === 'host' && hostname !== undefined) throw invalid("cannot set a host name in the host's uts namespace")
  if (ipcNamespace === 'host' && shmSizeBytes !== undefined) throw invalid("cannot set the size of /dev/shm in the host's ipc namespace")
  if (ipcNamespace === 'none' && shmSizeBytes !== undefined) throw invalid('cannot set the size of /dev/shm: with --ipc none there is none')
  if (shmSizeBytes !== undefined && !(Number.isSafeInteger(shmSizeBytes) && shmSizeBytes >= 0)) {
    throw invalid(`the size ${shmSizeBytes} of /dev/shm is no number of bytes`)
  }
  if (init !== undefined && pidNamespace !== undefined && pidNamespace !== 'private') {
    throw invalid("cannot add an init: it must be the first process, and the pid namespace is not the container's own")
  }
  if (typeof pidNamespace !== 'object') return {}
  return { pidNamespace: { container: lookUpContainer(await parts.store(), pidNamespace.container).id } }
}

/** @throws `ERR_SYSCTL` */
export function checkSysctls({ network }: ContainerSettings, { sysctls, ipcNamespace, utsNamespace }: ContainerTuning): void {
  if (sysctls === undefined) return
  const ipc = ipcNamespace === 'host' ? 'host' : 'private'
  // What is another's is not a container's to set.
  containerSysctls(sysctls, { network: isJoined(network) ? 'host' : network, ipc, uts: utsNamespace ?? 'private' })
}

/** The namespaces of a container that is being started. @throws `ERR_CONTAINER_NOT_FOUND`, `ERR_CONTAINER_NOT_RUNNING` */
export async function joinedNamespaces(parts: EngineParts, tuning: ContainerTuning): Promise<NamespacesInput> {
  const { pidNamespace, ipcNamespace, utsNamespace, cgroupNamespace } = tuning
  return {
    ...(pidNamespace !== undefined && {
      pid: typeof pidNamespace === 'object' ? await joined(parts, pidNamespace.container) : pidNamespace,
    }),
    ...(ipcNamespace === 'host' && { ipc: 'host' as const }),
    ...(utsNamespace !== undefined && { uts: utsNamespace }),
    ...(cgroupNamespace !== undefined && { cgroup: cgroupNamespace }),
  }
}

async function joined(parts: EngineParts, id: string): Promise<{ readonly path: string }> {
  const record = lookUpContainer(await parts.store(), id)
  const { pid, status } = observe(record, parts.evidence)
  if (pid !== 0) return { path: `/proc/${pid}/ns/pid` }
  throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot join the pid namespace of ${record.name}: it is ${status}`, {
    hint: `Start it first: podwright start ${record.name}`,
    details: { id, status },
  })
}
