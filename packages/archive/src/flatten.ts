import { decompress } from './decompress.ts'
import type { TarEntry, TarXattr } from './entry.ts'
import { fromLatin1 } from './internal/bytes.ts'
import type { MergedDirectory, MergedView } from './internal/layers/merged-view.ts'
import { isOverlayXattr } from './internal/overlay-marks.ts'
import type { LayerReader, ReadLayersOptions } from './layer-reader.ts'
import { readView, viewItems } from './list-layers.ts'
import { readTar } from './reader.ts'
import { packEntries, type TarEntryInit, type TarEntryWithContent } from './writer.ts'

/** Options of `flattenLayers`. */
export interface FlattenLayersOptions extends ReadLayersOptions {}

/**
 * Merges the layers of an image, the lowest first, into one uncompressed layer that makes the same tree, without whiteouts and without writing
 * anything to disk. Each layer is read twice: what is to be seen is found out first, then contents are passed on in the order of the layers, behind
 * all directories. Hard links stay links, whichever layer has the file and whichever of its names is left. Memory holds names, no contents:
 * about 230 bytes an entry.
 *
 * @throws what `listLayers` throws.
 */
export async function* flattenLayers(
  layers: readonly LayerReader[],
  options: FlattenLayersOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* packEntries(flatEntries(layers, options), options)
}

async function* flatEntries(
  layers: readonly LayerReader[],
  options: FlattenLayersOptions,
): AsyncGenerator<TarEntryWithContent, void, undefined> {
  const view = await readView(layers, options, false)
  const names = layers.map(() => new Map<number, string[]>())
  for (const item of viewItems(view)) {
    if (item.type === 'directory') yield* directoryEntry(view, item)
    else {
      const { layer, ordinal } = view.resolve(item.file)!
      const known = names[layer]!.get(ordinal)
      if (known) known.push(item.path)
      else names[layer]!.set(ordinal, [item.path])
    }
  }
  for (const [layer, reader] of layers.entries()) yield* filesOf(reader, names[layer]!, options)
}

function* directoryEntry(view: MergedView, directory: MergedDirectory): Generator<TarEntryInit, void, undefined> {
  const attributes = view.attributes(directory)
  if (attributes) yield renamed(attributes.entry, directory.path === '' ? '.' : directory.path)
  else if (directory.path !== '') yield { name: fromLatin1(directory.path), type: 'directory' }
}

/** The files of one layer that are to be seen, under their names. Nothing is read behind the last one. */
async function* filesOf(
  reader: LayerReader,
  names: Map<number, readonly string[]>,
  options: FlattenLayersOptions,
): AsyncGenerator<TarEntryWithContent, void, undefined> {
  if (names.size === 0) return
  const tar = decompress(await reader(), options.compression ?? 'auto', { signal: options.signal })
  let ordinal = 0
  for await (const { content, ...entry } of readTar(tar, options)) {
    const [first, ...others] = names.get(ordinal) ?? []
    if (first !== undefined) {
      const file = renamed(entry, first)
      yield entry.type === 'file' ? { ...file, content: { sizeBytes: entry.sizeBytes, chunks: content } } : file
      for (const name of others)
        yield {
          name: fromLatin1(name),
          type: 'hardlink',
          linkName: fromLatin1(first),
          mode: entry.mode,
          uid: entry.uid,
          gid: entry.gid,
          modified: entry.modified,
        }
      names.delete(ordinal)
    }
    if (names.size === 0) return
    ordinal++
  }
}

function renamed(entry: TarEntry, name: string): TarEntryInit {
  const { type, linkName, mode, uid, gid, userName, groupName, modified, major, minor } = entry
  const xattrs: readonly TarXattr[] = entry.xattrs.filter((xattr) => !isOverlayXattr(xattr.name))
  return {
    name: fromLatin1(name),
    type: type as Exclude<typeof type, 'unknown'>,
    linkName,
    mode,
    uid,
    gid,
    userName,
    groupName,
    modified,
    major,
    minor,
    xattrs,
  }
}
