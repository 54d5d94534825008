import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { type Descriptor, type Digest, isIndexMediaType, isManifestMediaType, parseManifest } from '@podwright/oci'
import type { FileTree } from '../files/file-tree.ts'
import { readDocument } from './layout-files.ts'

/**
 * Every blob that manifests and indexes lead to, themselves included. A manifest that an index lists and that isn't there leads nowhere.
 *
 * @throws DistributionError `ERR_LAYOUT_INVALID` for a damaged one
 */
export async function reachedFrom(tree: FileTree, tops: readonly Descriptor[], options: AbortOptions): Promise<Set<Digest>> {
  const reached = new Set<Digest>()
  const waiting = [...tops]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next.digest)) continue
    reached.add(next.digest)
    if (isIndexMediaType(next.mediaType) || isManifestMediaType(next.mediaType)) waiting.push(...(await childrenOf(tree, next, options)))
  }
  return reached
}

async function childrenOf(tree: FileTree, { digest, mediaType }: Descriptor, options: AbortOptions): Promise<readonly Descriptor[]> {
  try {
    const parsed = parseManifest(await readDocument(tree, digest, options), mediaType)
    return parsed.kind === 'index' ? parsed.index.manifests : [parsed.manifest.config, ...parsed.manifest.layers]
  } catch (error) {
    if (isPodwrightError(error, 'ERR_LAYOUT_NOT_FOUND')) return []
    throw error
  }
}
