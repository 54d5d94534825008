import type { ImageSource } from '@podwright/contracts'
import { formatReference, normalizeReference, type Reference } from '@podwright/oci'
import { DistributionError } from './errors.ts'
import { type DockerArchiveImageName, formatImageName, type OciArchiveImageName } from './image-names.ts'
import { archivedImage } from './internal/docker-archive/archived-image.ts'
import { type ManifestItem, readManifestJson } from './internal/docker-archive/manifest-json.ts'
import type { FileTree } from './internal/files/file-tree.ts'
import { layoutInvalid, readLayoutIndex } from './internal/layout/layout-files.ts'
import { layoutImage } from './internal/layout/layout-image.ts'
import { chooseEntry } from './internal/layout/layout-names.ts'
import type { ArchiveInputOptions } from './internal/tar/open-archive-file.ts'
import { openTarTree } from './internal/tar/tar-tree.ts'

/**
 * Opens one image of an archive: the one that the name names, else the only one. Its disposal closes the archive.
 *
 * @throws DistributionError `ERR_IMAGE_ARCHIVE_NOT_FOUND`, `ERR_IMAGE_ARCHIVE_INVALID`, `ERR_IMAGE_ARCHIVE_AMBIGUOUS`; of layouts `ERR_LAYOUT_NOT_FOUND`,
 *   `ERR_LAYOUT_INVALID`, `ERR_LAYOUT_AMBIGUOUS`; `ERR_DISK_FULL`
 */
export async function openArchiveSource(
  name: DockerArchiveImageName | OciArchiveImageName,
  options: ArchiveInputOptions = {},
): Promise<ImageSource> {
  const tree = await openTarTree(name.path, options)
  try {
    const image = name.transport === 'docker-archive' ? await dockerImage(tree, name, options) : await ociImage(tree, name, options)
    return { ...image, [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose]() }
  } catch (error) {
    await tree[Symbol.asyncDispose]()
    throw error
  }
}

async function ociImage(tree: FileTree, name: OciArchiveImageName, options: ArchiveInputOptions): Promise<ImageSource> {
  const index = await readLayoutIndex(tree, options)
  if (index === undefined) throw layoutInvalid(tree, 'it has no oci-layout')
  // Said now rather than at the first read.
  chooseEntry(tree, index, name)
  return layoutImage(tree, formatImageName(name), name)
}

async function dockerImage(tree: FileTree, name: DockerArchiveImageName, options: ArchiveInputOptions): Promise<ImageSource> {
  const items = await readManifestJson(tree, options)
  return archivedImage(tree, chooseItem(items, name), formatImageName(name))
}

function chooseItem(items: readonly ManifestItem[], { path, reference, index }: DockerArchiveImageName): ManifestItem {
  const names = items.flatMap(({ tags }) => tags)
  const wanted = reference === undefined ? undefined : formatReference(reference)
  const fitting = items.filter((item, position) =>
    wanted === undefined ? index === undefined || index === position : item.tags.some((tag) => formatted(tag) === wanted),
  )
  const [first] = fitting
  if (first === undefined) {
    const what = wanted ?? (index === undefined ? undefined : `number ${index}, counted from 0`)
    throw new DistributionError(
      'ERR_IMAGE_ARCHIVE_NOT_FOUND',
      `cannot find an image of ${path}: it has none${what === undefined ? '' : `: ${what}`}`,
      {
        details: { path, names },
        ...(names.length > 0 && { hint: `There are ${names.join(', ')}.` }),
      },
    )
  }
  if (fitting.length === 1) return first
  throw new DistributionError('ERR_IMAGE_ARCHIVE_AMBIGUOUS', `cannot choose an image of ${path}: there are ${fitting.length}`, {
    hint: names.length > 0 ? `Name one of ${names.join(', ')}.` : `Name one by its number, such as docker-archive:${path}:@0.`,
    details: { path, names },
  })
}

/** Tags are written in short by docker, in full by podman and skopeo. */
function formatted(tag: string): string {
  try {
    return formatReference(normalizeReference(tag) satisfies Reference)
  } catch {
    return tag
  }
}
