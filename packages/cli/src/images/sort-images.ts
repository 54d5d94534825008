import { type ImageRow, splitName } from './image-rows.ts'

/** What `images --sort` may be. */
export type ImageSortKey = 'created' | 'id' | 'repository' | 'size' | 'tag'

/** By a key, as podman: the newest and the smallest first, names by their letters. */
export function sortImages(rows: readonly ImageRow[], key: ImageSortKey): readonly ImageRow[] {
  return rows.toSorted(orders[key])
}

const orders: Readonly<Record<ImageSortKey, (a: ImageRow, b: ImageRow) => number>> = {
  created: (a, b) => (b.image.created?.getTime() ?? 0) - (a.image.created?.getTime() ?? 0),
  id: (a, b) => compare(a.image.id, b.image.id),
  repository: (a, b) => compare(splitName(a.name).repository, splitName(b.name).repository),
  size: (a, b) => a.image.sizeBytes - b.image.sizeBytes,
  tag: (a, b) => compare(splitName(a.name).tag, splitName(b.name).tag),
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
