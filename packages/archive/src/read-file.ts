import { decompress } from './decompress.ts'
import type { TarEntry } from './entry.ts'
import { ArchiveError, type ArchiveErrorCode } from './errors.ts'
import { fromLatin1, latin1, quoteBytes } from './internal/bytes.ts'
import type { LayerDirectory, LayerFile } from './internal/layers/layer-node.ts'
import { type MergedNode, MergedView } from './internal/layers/merged-view.ts'
import { EntryBudget, readIndex } from './internal/layers/read-index.ts'
import type { LayerReader, ReadLayersOptions } from './layer-reader.ts'
import { indexSettings } from './list-layers.ts'
import { readTar, type TarStreamEntry } from './reader.ts'

/** Options of `readFileFromLayers`. */
export interface ReadFileOptions extends ReadLayersOptions {
  /** Size above which a file is refused with ERR_ARCHIVE_LIMIT. @default no limit */
  readonly maxSizeBytes?: number | undefined
}

/** A file of an image. */
export interface ImageFile {
  /** Where it was found, after all symbolic links: below the root, without a slash at either end. */
  readonly path: Uint8Array
  /** Its entry; of a hard link, the one of the file itself. */
  readonly entry: TarEntry
  /** The layer that has its content, 0 being the lowest. */
  readonly layer: number
  /** Its bytes, holes as zeros, read from the layer as they are asked for. To be read once. */
  readonly content: AsyncIterable<Uint8Array>
}

/**
 * Finds one file in an image, the layers given with the lowest first, as in a manifest. Symbolic links are followed with the image's root as
 * root. Layers are read from the top until the path is settled, and no further; then the one that has the file is read up to it.
 *
 * @returns undefined when there is no such file.
 * @throws ERR_ARCHIVE_NOT_A_FILE, ERR_ARCHIVE_LIMIT, and what `listLayers` throws.
 */
export async function readFileFromLayers(
  layers: readonly LayerReader[],
  path: string | Uint8Array,
  options: ReadFileOptions = {},
): Promise<ImageFile | undefined> {
  const wanted = typeof path === 'string' ? Buffer.from(path) : Buffer.from(path)
  const found = await findFile(layers, wanted, options)
  if (!found) return undefined
  const { file } = found
  const entries = readTar(decompress(await layers[file.layer]!(), options.compression ?? 'auto', { signal: options.signal }), options)
  try {
    const entry = await entryAt(entries, file.ordinal)
    check(wanted, entry, options)
    const { content, ...rest } = entry
    return { path: fromLatin1(found.path), entry: rest, layer: file.layer, content: untilEnd(content, entries) }
  } catch (error) {
    await entries.return()
    throw error
  }
}

async function findFile(
  layers: readonly LayerReader[],
  wanted: Buffer,
  options: ReadFileOptions,
): Promise<{ readonly path: string; readonly file: LayerFile } | undefined> {
  const budget = new EntryBudget(options.maxEntries)
  const roots: (LayerDirectory | undefined)[] = layers.map(() => undefined)
  for (let layer = layers.length - 1; layer >= 0; layer--) {
    roots[layer] = await readIndex(layers[layer]!, layer, budget, indexSettings(options, false))
    const view = new MergedView(roots)
    const node = view.find(latin1(wanted), true)
    const file = settle(wanted, node, view)
    if (file === 'absent') return undefined
    if (file && node !== 'loop' && node.type === 'file') return { path: node.path, file }
  }
  return undefined
}

/** @returns undefined while the layers that were looked at don't say. */
function settle(wanted: Buffer, node: MergedNode | 'loop', view: MergedView): LayerFile | 'absent' | undefined {
  if (node === 'loop') throw readError('ERR_ARCHIVE_NOT_A_FILE', wanted, 'too many symbolic links lie on the way to it')
  if (node.type === 'directory') throw readError('ERR_ARCHIVE_NOT_A_FILE', wanted, 'it is a directory')
  if (node.type === 'file') return view.resolve(node.file)
  return node.type === 'absent' ? 'absent' : undefined
}

async function entryAt(entries: AsyncGenerator<TarStreamEntry, void, undefined>, ordinal: number): Promise<TarStreamEntry> {
  let index = 0
  for (let next = await entries.next(); !next.done; next = await entries.next()) if (index++ === ordinal) return next.value
  throw new ArchiveError('ERR_ARCHIVE_TRUNCATED', 'read a file of a layer: the layer was longer when it was read first', {
    retryable: true,
  })
}

function check(wanted: Buffer, { type, sizeBytes }: TarEntry, { maxSizeBytes }: ReadFileOptions): void {
  if (type !== 'file') throw readError('ERR_ARCHIVE_NOT_A_FILE', wanted, `it is a ${type === 'fifo' ? 'FIFO' : `${type} device`}`)
  if (maxSizeBytes !== undefined && sizeBytes > maxSizeBytes)
    throw readError('ERR_ARCHIVE_LIMIT', wanted, `it has ${sizeBytes} bytes, more than ${maxSizeBytes}`)
}

function readError(code: ArchiveErrorCode, wanted: Buffer, reason: string): ArchiveError {
  return new ArchiveError(code, `read ${quoteBytes(wanted)} from layers: ${reason}`)
}

/** Lets go of the layer as soon as the file ends. */
async function* untilEnd(
  content: AsyncIterable<Uint8Array>,
  entries: AsyncGenerator<TarStreamEntry, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* content
  } finally {
    await entries.return()
  }
}
