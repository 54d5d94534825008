import type { TreeReference } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { lookUpContainer } from './containers/lookup.ts'
import { holdForReading } from './containers/reading-lock.ts'
import { requireLocalImage } from './images/find-image.ts'
import type { EngineParts } from './parts.ts'

/** A tree that no prune takes until this is disposed of. */
export interface TreeToRead extends Disposable {
  readonly tree: TreeReference
}

/** The tree that somebody means by a name or id: a container's, or else an image's. @throws `ERR_IMAGE_NOT_FOUND` */
export async function treeToRead(parts: EngineParts, reference: string, options: AbortOptions): Promise<TreeToRead> {
  try {
    const { id } = lookUpContainer(await parts.store(), reference)
    const reading = await holdForReading(parts, id, options)
    return { tree: { snapshot: id }, [Symbol.dispose]: () => reading[Symbol.dispose]() }
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
  }
  // An image that is looked at has a snapshot of its own, which keeps it.
  return { tree: { image: requireLocalImage(await parts.storage(), reference).image.id }, [Symbol.dispose]: () => undefined }
}
