import type { RemovedImage } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'

/** What happens to images. */
export type ImageAction = 'pull' | 'push' | 'tag' | 'untag' | 'remove' | 'save' | 'loadfromarchive' | 'import'

/** Puts on record what has been done to an image. @param name in full; none when it was done to the image itself */
export async function noteImage(parts: EngineParts, action: ImageAction, id: string, name?: string): Promise<void> {
  const store = await parts.store()
  await store.note({ type: 'image', action, time: parts.clock.now(), subject: id, attributes: name === undefined ? {} : { name } })
}

/** Puts on record what has been done to a volume. */
export async function noteVolume(parts: EngineParts, action: 'create' | 'remove', name: string): Promise<void> {
  const store = await parts.store()
  await store.note({ type: 'volume', action, time: parts.clock.now(), subject: name, attributes: { name } })
}

/** What a removal did. @param id of the image that lost names; undefined when there were several */
export async function noteRemoval(parts: EngineParts, { untagged, deleted }: RemovedImage, id?: string): Promise<void> {
  for (const name of untagged) await noteImage(parts, 'untag', id ?? name, name)
  for (const gone of deleted) await noteImage(parts, 'remove', gone, gone === id ? untagged[0] : undefined)
}
