import type { StoredImage } from '@podwright/contracts'
import { humanAge } from '../render/duration.ts'
import { LabelSet } from '../render/label-set.ts'
import type { ListDefinition } from '../render/list-definition.ts'
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

/** How `images` shows images. */
export function imageList(view: ImageView): ListDefinition<ImageRow> {
  return {
    typeName: 'Image',
    columns: ['Repository', 'Tag', ...(view.digests ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size'],
    titles: { ID: 'IMAGE ID', Id: 'IMAGE ID', CreatedSince: 'CREATED' },
    fields: imageFields(view),
    quiet: ({ image }) => shownId(image.id, view),
    records: (rows) => [...new Set(rows.map(({ image }) => image))].map(imageRecord),
    line: (row) => imageLine(row, view),
  }
}

/** docker's fields and podman's. Where the two put different values under one name, docker's holds. */
function imageFields(view: ImageView): ListDefinition<ImageRow>['fields'] {
  const id = ({ image }: ImageRow): string => shownId(image.id, view)
  const since = (row: ImageRow): string => createdSince(row, view)
  const size = ({ image }: ImageRow): string => humanSize(image.sizeBytes)
  return {
    Repository: ({ name }) => splitName(name).repository,
    Tag: ({ name }) => splitName(name).tag,
    ID: id,
    Id: id,
    Digest: digestOf,
    Created: since,
    CreatedSince: since,
    CreatedAt: ({ image }) => (image.created === undefined ? 'N/A' : goDate(image.created)),
    CreatedTime: ({ image }) => (image.created === undefined ? 'N/A' : goDate(image.created)),
    Size: size,
    VirtualSize: size,
    SharedSize: () => 'N/A',
    UniqueSize: () => 'N/A',
    Containers: () => 'N/A',
    Names: ({ image }) => image.names,
    RepoTags: ({ image }) => image.names,
    RepoDigests: ({ image }) => image.digests,
    Labels: ({ image }) => new LabelSet(image.labels),
    Label:
      ({ image }) =>
      (label: string) =>
        Object.hasOwn(image.labels, label) ? image.labels[label] : '',
    Platform: ({ image }) => [image.platform.os, image.platform.architecture, image.platform.variant].filter(Boolean).join('/'),
    ReadOnly: ({ image }) => image.additionalStore !== undefined,
    Dangling: ({ image }) => image.names.length === 0,
  }
}

/** An id as the IMAGE ID column has it. */
export function shownId(id: string, { whole }: Pick<ImageView, 'whole'>): string {
  return whole ? id : id.slice(id.indexOf(':') + 1).slice(0, 12)
}

/** An image in podman's `images --format json`. */
function imageRecord({ id, names, digests, created, sizeBytes, labels, manifests }: StoredImage): object {
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
function imageLine(row: ImageRow, view: ImageView): object {
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

export function splitName(name: string | undefined): { readonly repository: string; readonly tag: string } {
  if (name === undefined) return { repository: none, tag: none }
  const at = name.lastIndexOf(':')
  return at > name.lastIndexOf('/') ? { repository: name.slice(0, at), tag: name.slice(at + 1) } : { repository: name, tag: none }
}
