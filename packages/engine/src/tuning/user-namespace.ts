import type { ContainerTuning, IdMap, IdMapping, UserNamespace } from '@podwright/contracts'
import { rangesOf, readSubIdFile, validateIdMappings } from '@podwright/userns'
import type { EngineParts } from '../parts.ts'
import type { ContainerSettings } from '../state/record.ts'
import { invalid } from './invalid.ts'

/** What a user namespace of its own makes of a container. */
export type MappedSettings = Partial<Pick<ContainerSettings, 'idMap' | 'user'>>

/**
 * The ids of a container's own user namespace; nothing without one.
 *
 * @throws `ERR_CONTAINER_OPTION_INVALID`, `ERR_USERNS_ID_MAP`
 */
export async function resolveUserNamespace(
  parts: EngineParts,
  settings: Pick<ContainerSettings, 'user' | 'privileged'>,
  { userNamespace }: ContainerTuning,
): Promise<MappedSettings> {
  if (userNamespace === undefined || userNamespace.mode === 'host') return {}
  if (userNamespace.mode === 'private') return { idMap: checked(userNamespace.idMap) }
  if (userNamespace.mode === 'sub-ids') return { idMap: subordinate(parts, userNamespace) }
  const outer = (await parts.namespace()).idMap()
  if (outer === undefined)
    throw invalid(`--userns ${userNamespace.mode} is for plain users: root has no ids that would have to be kept apart`)
  if (userNamespace.mode === 'keep-id') return keepId(userNamespace, settings.user, outer)
  return { idMap: { uids: withoutUser(outer.uids), gids: withoutUser(outer.gids) } }
}

/** The user is the container's, too, unless another one is asked for. */
function keepId(asked: Extract<UserNamespace, { readonly mode: 'keep-id' }>, user: string, outer: IdMap): MappedSettings {
  const { uid = process.getuid?.() ?? 0, gid = process.getgid?.() ?? 0 } = asked
  const idMap = checked({ uids: aroundUser(uid, outer.uids), gids: aroundUser(gid, outer.gids) })
  return { idMap, ...(user === '' && { user: `${uid}:${gid}` }) }
}

/** Those that are lent to somebody, one range after the other. */
function subordinate({ rootless }: EngineParts, { uidName, gidName }: Extract<UserNamespace, { readonly mode: 'sub-ids' }>): IdMap {
  if (rootless) throw invalid('only root may use the subordinate ids of another name: a plain user has those of the user', 'Take --uidmap.')
  const side = (file: string, name: string): IdMapping[] => {
    const ranges = rangesOf(readSubIdFile(file), { uid: -1, name })
    if (ranges.length === 0) throw invalid(`${file} lends no ids to ${name}`, `Add a line: echo ${name}:200000:65536 | sudo tee -a ${file}`)
    let containerId = 0
    return ranges.map(({ start, size }) => {
      const mapping = { containerId, hostId: start, size }
      containerId += size
      return mapping
    })
  }
  return { uids: side('/etc/subuid', uidName), gids: side('/etc/subgid', gidName) }
}

/** 0 of the engine's namespace, the user, becomes `id`; what is below moves up by one, and the rest stays. */
function aroundUser(id: number, outer: readonly IdMapping[]): IdMapping[] {
  const last = lastOf(outer)
  if (!Number.isSafeInteger(id) || id < 0) throw invalid(`the id ${id} to keep is no whole number`)
  const below = Math.min(id, last)
  return [
    { containerId: 0, hostId: 1, size: below },
    { containerId: id, hostId: 0, size: 1 },
    { containerId: id + 1, hostId: id + 1, size: last - id },
  ].filter(({ size }) => size > 0)
}

function withoutUser(outer: readonly IdMapping[]): IdMapping[] {
  const last = lastOf(outer)
  if (last < 1) throw invalid('--userns nomap needs subordinate ids, and this user has none')
  return [{ containerId: 0, hostId: 1, size: last }]
}

/** The last id of the engine's namespace: its ids are one after the other, beginning with 0. */
function lastOf(outer: readonly IdMapping[]): number {
  return Math.max(...outer.map(({ containerId, size }) => containerId + size)) - 1
}

function checked({ uids, gids }: IdMap): IdMap {
  for (const side of [uids, gids]) validateIdMappings(side)
  if (![uids, gids].every((side) => side.some(({ containerId }) => containerId === 0))) {
    throw invalid('a user namespace needs an id 0: map it to one outside')
  }
  return { uids, gids }
}
