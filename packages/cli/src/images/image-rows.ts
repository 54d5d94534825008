import type { StoredImage } from '@podwright/contracts'
import { humanAge } from '../render/duration.ts'
import { goDate, jsonDate, unixSeconds } from '../render/moment.ts'
import { humanSize } from '../render/size.ts'

/** One line of `images`: an image by one of its names. */
export interface ImageRow {
  readonly image: StoredImage
  /** Undefined for an image without one. */
  readonly name: string | undefined
}

/** How images are shown. */
export interface ImageView {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Ids are not cut. */
  readonly whole: boolean
  readonly digests: boolean
}

const none = '<none>'

/** A row for each name, in the images' order. */
export function imageRows(images: readonly StoredImage[]): readonly ImageRow[] {
  return images.flatMap((image): ImageRow[] =>
    image.names.length === 0 ? [{ image, name: undefined }] : image.names.map((name) => ({ image, name })),
  )
}

/** The columns of `images`. */
export function imageTitles({ digests }: ImageView): readonly string[] {
  return ['REPOSITORY', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'CREATED', 'SIZE']
}

/** A row's cells, in the order of `imageTitles`. */
export function imageCells(row: ImageRow, view: ImageView): readonly string[] {
  const { repository, tag } = splitName(row.name)
  return [
    repository,
    tag,
    ...(view.digests ? [digestOf(row)] : []),
    shownId(row.image.id, view),
    createdSince(row, view),
    humanSize(row.image.sizeBytes),
  ]
}

/** An id as the IMAGE ID column has it. */
export function shownId(id: string, { whole }: Pick<ImageView, 'whole'>): string {
  return whole ? id : id.slice(id.indexOf(':') + 1).slice(0, 12)
}

/** An image in podman's `images --format json`. */
export function imageRecord({ id, names, digests, created, sizeBytes, labels, manifests }: StoredImage): object {
  return {
    Id: id.slice(id.indexOf(':') + 1),
    ParentId: '',
    RepoTags: names,
    RepoDigests: digests,
    Size: sizeBytes,
    SharedSize: 0,
    VirtualSize: sizeBytes,
    Labels: labels,
    Containers: 0,
    Names: names,
    Digest: manifests[0]?.digest ?? '',
    Created: unixSeconds(created),
    CreatedAt: jsonDate(created),
  }
}

/** A row in docker's `images --format '{{json .}}'`. */
export function imageLine(row: ImageRow, view: ImageView): object {
  const { repository, tag } = splitName(row.name)
  const size = humanSize(row.image.sizeBytes)
  return {
    Containers: 'N/A',
    CreatedAt: row.image.created === undefined ? 'N/A' : goDate(row.image.created),
    CreatedSince: createdSince(row, view),
    Digest: digestOf(row),
    ID: shownId(row.image.id, view),
    Repository: repository,
    SharedSize: 'N/A',
    Size: size,
    Tag: tag,
    UniqueSize: 'N/A',
    VirtualSize: size,
  }
}

function createdSince({ image }: ImageRow, { now }: ImageView): string {
  return image.created === undefined ? 'N/A' : humanAge(image.created, now)
}

function digestOf({ image, name }: ImageRow): string {
  const { repository } = splitName(name)
  const own = image.digests.find((digest) => digest.startsWith(`${repository}@`))
  return own?.slice(repository.length + 1) ?? image.manifests[0]?.digest ?? none
}

function splitName(name: string | undefined): { readonly repository: string; readonly tag: string } {
  if (name === undefined) return { repository: none, tag: none }
  const at = name.lastIndexOf(':')
  return at > name.lastIndexOf('/') ? { repository: name.slice(0, at), tag: name.slice(at + 1) } : { repository: name, tag: none }
}
