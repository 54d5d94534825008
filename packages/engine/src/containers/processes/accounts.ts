import type { ProcessAccount } from '@podwright/contracts'
import { readInside } from '../read-inside.ts'
import { readOrEmpty } from '../read-or-empty.ts'

/** What users and groups are called in a container and on the host. */
export interface Accounts {
  user(hostId: number): ProcessAccount
  group(hostId: number): ProcessAccount
}

/** Who has no id in a user namespace (user_namespaces(7)). */
const overflowId = 65534

/** Reads the files that tell. @param init pid of the container's first process */
export function readAccounts(init: number): Accounts {
  return { user: lookup(init, 'uid_map', 'etc/passwd'), group: lookup(init, 'gid_map', 'etc/group') }
}

function lookup(init: number, map: string, names: string): (hostId: number) => ProcessAccount {
  const toInside = inverse(readOrEmpty(`/proc/${init}/${map}`))
  const inside = parseNames(readInside(init, names))
  const outside = parseNames(readOrEmpty(`/${names}`))
  return (hostId) => {
    const id = toInside(hostId)
    return { id, name: inside.get(id) ?? String(id), hostId, hostName: outside.get(hostId) ?? String(hostId) }
  }
}

/** From the ids of whoever reads it to those inside: `0 100000 65536`. */
function inverse(map: string): (hostId: number) => number {
  const ranges = map
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((numbers) => numbers.length === 3)
  return (hostId) => {
    const range = ranges.find(([, host = 0, size = 0]) => hostId >= host && hostId < host + size)
    return range === undefined ? overflowId : hostId - (range[1] ?? 0) + (range[0] ?? 0)
  }
}

/** The first name of a number counts (passwd(5), group(5)). */
function parseNames(text: string): ReadonlyMap<number, string> {
  const lines = text.split('\n').map((line) => line.split(':'))
  return new Map(lines.toReversed().flatMap(([name = '', , id = '']) => (name !== '' && /^\d+$/.test(id) ? [[Number(id), name]] : [])))
}
