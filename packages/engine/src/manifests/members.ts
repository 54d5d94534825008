import type { ListMemberChanges, RemoveFromListOptions, Storage, StoredList } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type Digest, isDigest } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import { findLocalImage } from '../images/find-image.ts'
import type { EngineParts } from '../parts.ts'
import { requireList } from './find-list.ts'

/** Changes what a list says of a member, or of itself. */
export async function annotateMember(
  parts: EngineParts,
  { name, member, changes }: { readonly name: string; readonly member: string | undefined; readonly changes: ListMemberChanges },
  options: AbortOptions,
): Promise<StoredList> {
  const storage = await parts.storage()
  const found = await requireList(storage, name)
  const digest = member === undefined ? undefined : memberDigest(storage, found.list, member)
  return storage.annotateList(found.name, digest, changes, options)
}

export async function removeMember(parts: EngineParts, name: string, member: string, options: RemoveFromListOptions): Promise<StoredList> {
  const storage = await parts.storage()
  const found = await requireList(storage, name)
  return storage.removeFromList(found.name, memberDigest(storage, found.list, member), options)
}

/** A member is named by its digest, or by the image here that it is. */
function memberDigest(storage: Storage, list: StoredList, typed: string): Digest {
  if (isDigest(typed)) return typed
  const own = new Set(list.index.manifests.map(({ digest }) => digest))
  const found = findLocalImage(storage, typed)?.image.manifests.find(({ digest }) => own.has(digest))
  if (found !== undefined) return found.digest
  throw new EngineError('ERR_IMAGE_NOT_FOUND', `the list ${list.names[0] ?? list.descriptor.digest} has no member "${typed}"`, {
    hint: own.size === 0 ? 'It is empty.' : `Its members are ${[...own].join(', ')}.`,
    details: { member: typed },
  })
}
