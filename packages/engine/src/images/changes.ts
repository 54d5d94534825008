import type { TreeChange } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import { treeOf } from '../trees.ts'
import { requireLocalImage } from './find-image.ts'

/** What differs between an image and another image or container, or the image without its topmost layer. */
export async function imageChanges(
  parts: EngineParts,
  reference: string,
  { against, signal }: AbortOptions & { readonly against?: string | undefined },
): Promise<readonly TreeChange[]> {
  const storage = await parts.storage()
  const tree = { image: requireLocalImage(storage, reference).image.id }
  return storage.diffTree(tree, { signal, against: against === undefined ? undefined : await treeOf(parts, against) })
}
