import type { AbortOptions } from '@podwright/conventions'
import type { DirectoryAttributes, LayerTree } from '@podwright/contracts'
import { type Digest, digestHex } from '@podwright/oci'
import { readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { systemCodeOf } from '@podwright/conventions'
import type { LayerRecord } from '../tasks/tasks.ts'
import { directories, layerDirectory } from './paths.ts'
import { change, optionalNumber, type Row, row, rows, type Shelf, type Store, text, optionalText } from './store.ts'

/** A layer of a chain, as recorded. */
export interface StoredLayer extends LayerTree {
  readonly chainId: Digest
  readonly diffId: Digest
  readonly sizeBytes: number
  /** What the layer says of the root; undefined when it says nothing. */
  readonly root: DirectoryAttributes | undefined
  /** Nothing of the layers below is to be seen. */
  readonly opaque: boolean
  readonly isLowest: boolean
}

/**
 * Whether the layer is there. A directory without a row is taken in: the row can have been lost in a power cut, and a process that died
 * between renaming and recording has done all the work. Hold the layer by a lease before.
 */
export async function hasLayer(store: Store, chainId: Digest, options: AbortOptions = {}): Promise<boolean> {
  if ([store, ...store.additional].some((shelf) => isRecorded(shelf, chainId))) return true
  const record = readLayerRecord(store, chainId)
  if (record === undefined) return false
  return store.database.transaction(() => {
    // A collection may have taken the directory since; it does so in a transaction too.
    if (readLayerRecord(store, chainId) === undefined) return isRecorded(store, chainId)
    recordLayer(store, record)
    return true
  }, options)
}

function isRecorded(store: Shelf, chainId: Digest): boolean {
  return row(store.database, "SELECT 1 FROM layers WHERE chain_id = ? AND id_map = ''", chainId) !== undefined
}

export function readLayerRecord(store: Store, chainId: Digest): LayerRecord | undefined {
  try {
    // Written by `storage.unpack` and renamed when it was on disk, so it is whole.
    const record = JSON.parse(readFileSync(join(store.paths.layer(chainId), 'layer.json'), 'utf8')) as LayerRecord
    return record.chainId === chainId ? record : undefined
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Inside a transaction: makes the row, and the short name first. */
export function recordLayer(store: Store, { chainId, diffId, parent, sizeBytes, root, opaque }: LayerRecord): void {
  change(
    store.database,
    "INSERT OR IGNORE INTO layers VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    chainId,
    diffId,
    parent,
    makeLink(store, chainId),
    sizeBytes,
    root?.mode ?? null,
    root?.uid ?? null,
    root?.gid ?? null,
    opaque ? 1 : 0,
    store.clock.now(),
  )
}

/** With `l/` and a colon, 127 of them fit three times into a page of mount options. */
const linkLength = 8

/** A link that leads to the layer: part of its digest, the first part that no other layer has. */
function makeLink(store: Store, chainId: Digest): string {
  const hex = digestHex(chainId)
  const target = join('..', directories.layers, layerDirectory(chainId), 'diff')
  for (let start = 0; start + linkLength <= hex.length; start++) {
    const name = hex.slice(start, start + linkLength)
    const path = store.paths.link(name)
    try {
      symlinkSync(target, path)
      return name
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error
      if (readlinkSync(path) === target) return name
    }
  }
  throw new Error(`every short name of the layer ${chainId} is taken`)
}

const chainQuery = `
WITH RECURSIVE chain(chain_id, depth) AS (
  VALUES (?, 0)
  UNION ALL
  SELECT layers.parent, depth + 1 FROM chain JOIN layers USING (chain_id) WHERE layers.id_map = '' AND layers.parent IS NOT NULL
)
SELECT layers.* FROM chain JOIN layers USING (chain_id) WHERE layers.id_map = '' ORDER BY depth`

/**
 * The layers of a chain, topmost first; fewer than there should be when one is missing. Those that this storage does not have are looked for in the
 * additional ones.
 */
export function layerChain(store: Store, top: string | undefined): StoredLayer[] {
  const chain: StoredLayer[] = []
  for (let next = top; next !== undefined;) {
    const part = chainPart(store, next)
    if (part === undefined) break
    chain.push(...part.layers)
    next = part.parent
  }
  return chain
}

/** The layers from `top` on that lie in the same place, and the one below them that doesn't. */
function chainPart(store: Store, top: string): { readonly layers: StoredLayer[]; readonly parent: string | undefined } | undefined {
  for (const shelf of [store, ...store.additional]) {
    const found = rows(shelf.database, chainQuery, top)
    const lowest = found.at(-1)
    if (lowest === undefined) continue
    return { layers: found.map((columns) => storedLayer(store, shelf, columns)), parent: optionalText(lowest['parent']) }
  }
  return undefined
}

function storedLayer(store: Store, shelf: Shelf, columns: Row): StoredLayer {
  const chainId = text(columns['chain_id']) as Digest
  const link = join(directories.links, text(columns['link']))
  const [mode, uid, gid] = [columns['root_mode'], columns['root_uid'], columns['root_gid']].map(optionalNumber)
  return {
    chainId,
    diffId: text(columns['diff_id']) as Digest,
    path: join(shelf.paths.layer(chainId), 'diff'),
    shortPath: shelf === store ? link : join(directories.links, basename(store.paths.additionalLink(shelf.paths.root)), link),
    sizeBytes: optionalNumber(columns['size_bytes']) ?? 0,
    root: mode === undefined ? undefined : { mode, uid: uid ?? 0, gid: gid ?? 0 },
    opaque: columns['root_opaque'] === 1,
    isLowest: columns['parent'] === null,
  }
}

/** The layers of which anything is to be seen: overlayfs merges the roots of all that it is given. */
export function visibleLayers(layers: readonly StoredLayer[]): readonly StoredLayer[] {
  const opaque = layers.findIndex((layer) => layer.opaque)
  return opaque < 0 ? layers : layers.slice(0, opaque + 1)
}

/** The root of the tree that the layers make: as the topmost one says that says something. */
export function rootAttributes(layers: readonly StoredLayer[]): DirectoryAttributes {
  return layers.find(({ root }) => root !== undefined)?.root ?? { mode: 0o755, uid: 0, gid: 0 }
}
