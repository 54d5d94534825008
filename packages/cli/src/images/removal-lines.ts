import type { RemovedImage } from '@podwright/contracts'

/** What a removal did, or would: a line for each name and each image. */
export function removalLines({ untagged, deleted }: RemovedImage, dryRun: boolean): readonly string[] {
  const [untag, remove] = dryRun ? ['Would untag', 'Would delete'] : ['Untagged', 'Deleted']
  return [...untagged.map((name) => `${untag}: ${name}`), ...deleted.map((id) => `${remove}: ${id.slice(id.indexOf(':') + 1)}`)]
}
