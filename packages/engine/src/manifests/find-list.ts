import type { Storage, StoredList } from '@podwright/contracts'
import { formatReference, isDigest, normalizeReference, parseNamed } from '@podwright/oci'
import { EngineError } from '../errors.ts'

/** A list that is here, by the full name that was meant. */
export interface FoundList {
  readonly list: StoredList
  readonly name: string
}

/** Where a short name is looked for: where lists that are made here get theirs, then where names without a registry are. */
const registries = ['localhost', 'docker.io']

export async function findList(storage: Storage, typed: string): Promise<FoundList | undefined> {
  for (const name of possibleNames(typed)) {
    const list = await storage.findList(name)
    if (list !== undefined) return { list, name: list.names.includes(name) ? name : (list.names[0] ?? name) }
  }
  return undefined
}

/** @throws `ERR_LIST_NOT_FOUND` */
export async function requireList(storage: Storage, typed: string): Promise<FoundList> {
  const found = await findList(storage, typed)
  if (found !== undefined) return found
  throw new EngineError('ERR_LIST_NOT_FOUND', `no manifest list here has the name "${typed}"`, {
    hint: `podwright manifest create ${typed} makes one.`,
    details: { name: typed },
  })
}

function possibleNames(typed: string): string[] {
  if (isDigest(typed)) return [typed]
  const places = parseNamed(typed).short ? registries : ['docker.io']
  return places.map((defaultRegistry) => formatReference(normalizeReference(typed, { defaultRegistry })))
}
