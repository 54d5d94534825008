import type { TreeChange } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import { treeToRead } from '../trees.ts'
import { requireLocalImage } from './find-image.ts'

/** What differs between an image and another image or container, or the image without its topmost layer. */
export async function imageChanges(
  parts: EngineParts,
  reference: string,
  { against, signal }: AbortOptions & { readonly against?: string | undefined },
): Promise<readonly TreeChange[]> {
  const storage = await parts.storage()
  const tree = { image: requireLocalImage(storage, reference).image.id }
  using other = against === undefined ? undefined : await treeToRead(parts, against, { signal })
  return await storage.diffTree(tree, { signal, against: other?.tree })
}
