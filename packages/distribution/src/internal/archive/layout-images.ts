import type { AbortOptions } from '@podwright/conventions'
import type { ArchivedImage } from '../../image-archive.ts'
import type { FileTree } from '../files/file-tree.ts'
import { layoutInvalid, readLayoutIndex } from '../layout/layout-files.ts'
import { layoutImage } from '../layout/layout-image.ts'
import { namesOf } from '../layout/layout-names.ts'

/** The images of a layout's files, each digest once with all its names. */
export async function layoutImages(tree: FileTree, transport: 'oci' | 'oci-archive', options: AbortOptions): Promise<ArchivedImage[]> {
  const index = await readLayoutIndex(tree, options)
  if (index === undefined) throw layoutInvalid(tree, 'it has no oci-layout')
  const byDigest = Map.groupBy(index.manifests, ({ digest }) => digest)
  return [...byDigest].map(([digest, entries]) => {
    const image = { transport, text: `${tree.place}:@${digest}` }
    const names = [...new Set(entries.flatMap((entry) => namesOf(entry).slice(0, 1)))]
    return { names, image, source: () => layoutImage(tree, `${transport}:${tree.place}:${names[0] ?? `@${digest}`}`, { digest }) }
  })
}
