import { namespaceInode, type ProcessDetails, readProcessDetails, readProcessStat } from '@podwright/linux'
import { readdirSync } from 'node:fs'

/**
 * The processes of a container: those in its pid namespace, and their descendants, which may be in namespaces of their own. The first process comes first,
 * the others in the order of their pids there.
 *
 * @param init pid of its first process
 */
export function containerMembers(init: number): readonly ProcessDetails[] {
  const depth = readProcessDetails(init)?.pids.length ?? 0
  return memberPids(init)
    .flatMap((pid) => readProcessDetails(pid) ?? [])
    .filter(({ pids }) => pids.length >= depth)
    .toSorted((one, other) => (one.pids[depth - 1] ?? 0) - (other.pids[depth - 1] ?? 0))
}

function memberPids(init: number): readonly number[] {
  const namespace = namespaceInode(init, 'pid')
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const parents = new Map(pids.map((pid) => [pid, readProcessStat(pid)?.parentPid ?? 0]))
  const known = new Map<number, boolean>([[0, false]])
  const isMember = (pid: number): boolean => {
    const before = known.get(pid)
    if (before !== undefined) return before
    // A parent is never its child's child; the mark keeps a pid that was used again meanwhile from leading in a circle.
    known.set(pid, false)
    const member = pid === init || (namespace !== undefined && namespaceInode(pid, 'pid') === namespace) || isMember(parents.get(pid) ?? 0)
    known.set(pid, member)
    return member
  }
  return pids.filter(isMember)
}
