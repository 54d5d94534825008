import type { RemovedImage } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'

/** What happens to images. */
export type ImageAction = 'pull' | 'push' | 'tag' | 'untag' | 'remove' | 'save' | 'loadfromarchive' | 'import'

/** Puts on record what has been done to an image. @param name in full; none when it was done to the image itself */
export async function noteImage(parts: EngineParts, action: ImageAction, id: string, name?: string): Promise<void> {
  const store = await parts.store()
  await store.note({ type: 'image', action, time: parts.clock.now(), subject: id, attributes: name === undefined ? {} : { name } })
}

/** What a removal did. @param id of the image that lost names; without it, no event says whose they were unless one image was deleted */
export async function noteRemoval(parts: EngineParts, { untagged, deleted }: RemovedImage, id?: string): Promise<void> {
  const owner = id ?? (deleted.length === 1 ? deleted[0] : undefined)
  for (const name of untagged) await noteImage(parts, 'untag', owner ?? '', name)
  for (const gone of deleted) await noteImage(parts, 'remove', gone, gone === owner ? untagged[0] : undefined)
}
