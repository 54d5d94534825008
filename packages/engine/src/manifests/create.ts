import type { CreateManifestOptions, NewListMember, StoredList } from '@podwright/contracts'
import { nameToGive } from '../images/tag.ts'
import type { EngineParts } from '../parts.ts'
import { newMembers } from './add.ts'

/** Makes a list once all its members are found, here or at their registries. */
export async function createWithMembers(parts: EngineParts, typed: string, options: CreateManifestOptions): Promise<StoredList> {
  const { members: wanted = [], all, format, annotations, artifactType, subject, replace, ...access } = options
  const name = nameToGive(typed)
  const members: NewListMember[] = []
  for (const member of wanted) members.push(...(await newMembers(parts, member, { ...access, all })))
  return (await parts.storage()).createList(name, { format, annotations, artifactType, subject, replace, members, signal: options.signal })
}
