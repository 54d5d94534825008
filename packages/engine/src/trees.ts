import type { TreeReference } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { lookUpContainer } from './containers/lookup.ts'
import { requireLocalImage } from './images/find-image.ts'
import type { EngineParts } from './parts.ts'

/** The tree that somebody means by a name or id: a container's, or else an image's. @throws `ERR_IMAGE_NOT_FOUND` */
export async function treeOf(parts: EngineParts, reference: string): Promise<TreeReference> {
  try {
    return { snapshot: lookUpContainer(await parts.store(), reference).id }
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
  }
  return { image: requireLocalImage(await parts.storage(), reference).image.id }
}
