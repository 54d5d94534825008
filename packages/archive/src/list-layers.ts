import type { TarEntry } from './entry.ts'
import { fromLatin1 } from './internal/bytes.ts'
import type { LayerFile } from './internal/layers/layer-node.ts'
import { type MergedDirectory, MergedView } from './internal/layers/merged-view.ts'
import { EntryBudget, readIndex } from './internal/layers/read-index.ts'
import type { LayerReader, ReadLayersOptions } from './layer-reader.ts'

/** A path of an image. */
export interface ImageEntry {
  /** Below the root, without a slash at either end; empty for the root itself. */
  readonly path: Uint8Array
  /**
   * Its entry, of a hard link the one of the file itself; undefined for a directory that no layer has an entry of. Its name is that of the first
   * of the file's names.
   */
  readonly entry: TarEntry | undefined
  /** The layer that it comes from, 0 being the lowest; of a directory, the topmost that says something of it. */
  readonly layer: number
}

/**
 * Lists the tree of an image: its layers merged, whiteouts applied, sorted, each directory before what is in it. All layers are read first;
 * memory holds their entries without contents, some 600 bytes each.
 *
 * @throws ERR_ARCHIVE_MALFORMED, ERR_ARCHIVE_TRUNCATED, ERR_ARCHIVE_UNSUPPORTED, ERR_ARCHIVE_COMPRESSION, ERR_ARCHIVE_UNSAFE_PATH,
 * ERR_ARCHIVE_LINK_TARGET, ERR_ARCHIVE_LIMIT, what the layers throw, and `signal.reason`.
 */
export async function* listLayers(
  layers: readonly LayerReader[],
  options: ReadLayersOptions = {},
): AsyncGenerator<ImageEntry, void, undefined> {
  const view = await readView(layers, options, true)
  for (const item of viewItems(view)) {
    options.signal?.throwIfAborted()
    if (item.type === 'directory') {
      const attributes = view.attributes(item)
      const layer = attributes?.layer ?? item.parts[0]?.layer ?? 0
      yield { path: fromLatin1(item.path), entry: attributes?.entry, layer }
    } else {
      const { entry, layer } = view.resolve(item.file)!
      yield { path: fromLatin1(item.path), entry, layer }
    }
  }
}

/** Reads all layers. */
export async function readView(layers: readonly LayerReader[], options: ReadLayersOptions, keepEntries: boolean): Promise<MergedView> {
  const budget = new EntryBudget(options.maxEntries)
  const settings = indexSettings(options, keepEntries)
  const roots = []
  for (const [layer, reader] of layers.entries()) roots.push(await readIndex(reader, layer, budget, settings))
  return new MergedView(roots)
}

/** How the layers are read. */
export function indexSettings(options: ReadLayersOptions, keepEntries: boolean): Parameters<typeof readIndex>[3] {
  const { compression = 'auto', symlinkedParents = 'refuse', signal } = options
  return { compression, symlinkedParents, keepEntries, signal }
}

/** Something that is to be seen in a view of all layers. */
export type ViewItem = MergedDirectory | { readonly type: 'file'; readonly path: string; readonly file: LayerFile }

/** All that is to be seen, sorted, each directory before what is in it. */
export function* viewItems(view: MergedView): Generator<ViewItem, void, undefined> {
  yield view.root
  const stack = [{ directory: view.root, names: view.names(view.root).toReversed() }]
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const name = top.names.pop()
    if (name === undefined) {
      stack.pop()
      continue
    }
    const node = view.child(top.directory, name)
    if (node.type === 'absent' || node.type === 'unknown') continue
    yield node
    if (node.type === 'directory') stack.push({ directory: node, names: view.names(node).toReversed() })
  }
}
