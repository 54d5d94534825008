import type { ArchivedImage, ImageArchive, OpenImageArchiveOptions } from '../../image-archive.ts'
import { archivedImage } from '../docker-archive/archived-image.ts'
import { readManifestJson } from '../docker-archive/manifest-json.ts'
import type { FileTree } from '../files/file-tree.ts'
import { invalidArchive } from '../tar/archive-error.ts'
import type { ArchiveInput } from '../tar/open-archive-file.ts'
import { openTarTree } from '../tar/tar-tree.ts'
import { layoutImages } from './layout-images.ts'

/** Opens a tar of images. */
export async function readTarArchive(input: ArchiveInput, options: OpenImageArchiveOptions): Promise<ImageArchive> {
  const tree = await openTarTree(input, options)
  try {
    const format = options.format ?? (await formatOf(tree))
    if (format === 'oci' || format === 'dir') throw invalidArchive(tree.place, `it is a file, and ${format}: needs a directory`)
    const images = format === 'docker-archive' ? await dockerImages(tree, options) : await layoutImages(tree, format, options)
    return { format, images, [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose]() }
  } catch (error) {
    await tree[Symbol.asyncDispose]()
    throw error
  }
}

async function formatOf(tree: FileTree): Promise<'docker-archive' | 'oci-archive'> {
  const isLayout = (await tree.sizeOf('oci-layout')) !== undefined || (await tree.sizeOf('index.json')) !== undefined
  return isLayout && (await tree.sizeOf('manifest.json')) === undefined ? 'oci-archive' : 'docker-archive'
}

async function dockerImages(tree: FileTree, options: OpenImageArchiveOptions): Promise<ArchivedImage[]> {
  const items = await readManifestJson(tree, options)
  return items.map((item, position) => {
    const image = { transport: 'docker-archive', text: `${tree.place}:@${position}` }
    return {
      names: item.tags,
      image,
      source: () => archivedImage(tree, item, `docker-archive:${tree.place}:${item.tags[0] ?? `@${position}`}`),
    }
  })
}
