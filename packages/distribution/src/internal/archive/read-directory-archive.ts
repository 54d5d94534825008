import { createDirectorySource } from '../../directory-source.ts'
import type { ImageArchive, OpenImageArchiveOptions } from '../../image-archive.ts'
import { directoryTree } from '../files/directory-tree.ts'
import { invalidArchive } from '../tar/archive-error.ts'
import { layoutImages } from './layout-images.ts'

/** Opens a directory of images. */
export async function readDirectoryArchive(path: string, options: OpenImageArchiveOptions): Promise<ImageArchive> {
  const tree = directoryTree(path)
  const format = options.format ?? ((await tree.sizeOf('oci-layout')) === undefined ? 'dir' : 'oci')
  if (format === 'docker-archive' || format === 'oci-archive') throw invalidArchive(path, `it is a directory, and ${format}: needs a file`)
  if (format === 'oci') return { format, images: await layoutImages(tree, 'oci', options), [Symbol.asyncDispose]: async () => {} }
  const source = createDirectorySource(path)
  // Whatever it is, it is read once now, so that a directory of something else is refused here.
  await source.manifest(undefined, options)
  const image = { transport: 'dir', text: path }
  return { format, images: [{ names: [], image, source: () => createDirectorySource(path) }], [Symbol.asyncDispose]: async () => {} }
}
