import type { IdMap, IdMapping } from '@podwright/contracts'
import { readFileSync } from 'node:fs'
import { UsernsError } from './errors.ts'
import type { SubIdRange } from './sub-ids.ts'

/** Ids are 32 bits, and the last means "none". */
const idLimit = 0xffff_ffff

/** The id outside of a container's id; undefined when it isn't mapped. */
export function toHost(mappings: readonly IdMapping[], containerId: number): number | undefined {
  const mapping = mappings.find((each) => containerId >= each.containerId && containerId < each.containerId + each.size)
  return mapping === undefined ? undefined : mapping.hostId + (containerId - mapping.containerId)
}

/** The id inside of a host's id; undefined when it isn't mapped. */
export function toContainer(mappings: readonly IdMapping[], hostId: number): number | undefined {
  const mapping = mappings.find((each) => hostId >= each.hostId && hostId < each.hostId + each.size)
  return mapping === undefined ? undefined : mapping.containerId + (hostId - mapping.hostId)
}

/**
 * What a map inside a namespace means outside of it: `inner` leads from the container to the namespace, `outer` from the namespace to the host.
 * What `outer` does not map is left out.
 */
export function composeIdMaps(inner: readonly IdMapping[], outer: readonly IdMapping[]): IdMapping[] {
  const composed = inner.flatMap((a) =>
    outer.flatMap((b) => {
      const start = Math.max(a.hostId, b.containerId)
      const end = Math.min(a.hostId + a.size, b.containerId + b.size)
      if (start >= end) return []
      return [{ containerId: a.containerId + (start - a.hostId), hostId: b.hostId + (start - b.containerId), size: end - start }]
    }),
  )
  return mergeMappings(composed)
}

/** Sorted by container id, and with neighbours that go on on both sides made one. */
export function mergeMappings(mappings: readonly IdMapping[]): IdMapping[] {
  const merged: IdMapping[] = []
  for (const next of mappings.toSorted((a, b) => a.containerId - b.containerId)) {
    const last = merged.at(-1)
    const continues = last !== undefined && last.containerId + last.size === next.containerId && last.hostId + last.size === next.hostId
    if (continues) merged[merged.length - 1] = { ...last, size: last.size + next.size }
    else merged.push(next)
  }
  return merged
}

/**
 * The map of a rootless user as podman makes it: 0 inside is the user, 1 and up are the subordinate ranges one after another.
 */
export function fullIdMap(
  uid: number,
  gid: number,
  ranges: { readonly uids: readonly SubIdRange[]; readonly gids: readonly SubIdRange[] },
): IdMap {
  return { uids: ownThenRanges(uid, ranges.uids), gids: ownThenRanges(gid, ranges.gids) }
}

function ownThenRanges(own: number, ranges: readonly SubIdRange[]): IdMapping[] {
  let next = 1
  const rest = ranges.map(({ start, size }) => {
    const mapping = { containerId: next, hostId: start, size }
    next += size
    return mapping
  })
  return mergeMappings([{ containerId: 0, hostId: own, size: 1 }, ...rest])
}

/**
 * Checks one side of a map as the kernel would.
 *
 * @throws ERR_USERNS_ID_MAP
 */
export function validateIdMappings(mappings: readonly IdMapping[]): void {
  if (mappings.length === 0) throw invalid('it is empty')
  for (const mapping of mappings) {
    const { containerId, hostId, size } = mapping
    const numbers = [containerId, hostId, size].every((number) => Number.isSafeInteger(number) && number >= 0)
    if (!numbers || size < 1) throw invalid(`${describe(mapping)} is not made of whole numbers with a size of at least 1`)
    if (containerId + size > idLimit || hostId + size > idLimit)
      throw invalid(`${describe(mapping)} goes beyond the last id, ${idLimit - 1}`)
  }
  checkOverlap(mappings, 'containerId', 'inside')
  checkOverlap(mappings, 'hostId', 'outside')
}

function checkOverlap(mappings: readonly IdMapping[], side: 'containerId' | 'hostId', where: string): void {
  const sorted = mappings.toSorted((a, b) => a[side] - b[side])
  for (const [index, mapping] of sorted.entries()) {
    const next = sorted[index + 1]
    if (next !== undefined && mapping[side] + mapping.size > next[side]) {
      throw invalid(`${describe(mapping)} and ${describe(next)} overlap ${where}`)
    }
  }
}

function invalid(reason: string): UsernsError {
  return new UsernsError('ERR_USERNS_ID_MAP', `cannot use the id map: ${reason}`)
}

function describe({ containerId, hostId, size }: IdMapping): string {
  return `${containerId}:${hostId}:${size}`
}

/** Parses the text of a uid_map or gid_map file: container id, host id, size (user_namespaces(7)). */
export function parseIdMappings(text: string): IdMapping[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([containerId, hostId, size]) =>
      size === undefined || size < 1 ? [] : [{ containerId: containerId ?? 0, hostId: hostId ?? 0, size }],
    )
}

/** The map of a process's user namespace as it looks from here; undefined when the process is gone or its namespace has no map yet. */
export function readIdMap(pid: number | 'self' = 'self'): IdMap | undefined {
  try {
    const uids = parseIdMappings(readFileSync(`/proc/${pid}/uid_map`, 'latin1'))
    const gids = parseIdMappings(readFileSync(`/proc/${pid}/gid_map`, 'latin1'))
    return uids.length === 0 || gids.length === 0 ? undefined : { uids, gids }
  } catch {
    return undefined
  }
}

/** Whether all ids are mapped to themselves: the first user namespace, or one that hides nothing. */
export function isIdentityMap(map: IdMap): boolean {
  return [map.uids, map.gids].every(
    (side) => side.length === 1 && side[0]?.containerId === 0 && side[0].hostId === 0 && side[0].size === idLimit,
  )
}
