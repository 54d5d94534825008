import type { IdMap, LayerTree } from '@podwright/contracts'
import { type Digest, digestHex, digestOf } from '@podwright/oci'
import { existsSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { directories } from './paths.ts'
import { row, type Store } from './store.ts'

/** The topmost of layers, and how the ids of what they show are mapped. */
export interface MappedLayer {
  readonly top: Digest
  readonly idMap: IdMap
}

/** Digits of the id map's digest in a name: the maps of one user are few. */
const mapDigits = 16
const chainDigits = 64

/** The mapped tree as a layer; undefined when there is none. */
export function mappedLayer(store: Store, mapped: MappedLayer): LayerTree | undefined {
  const place = mappedPlace(store, mapped)
  const path = join(place, 'diff')
  return existsSync(place) ? { path, shortPath: relative(store.paths.root, path) } : undefined
}

/** `HEX-MAP`: a directory of that name is complete and on disk. While it is made it has a dot and something unique at its end. */
export function mappedPlace(store: Store, { top, idMap }: MappedLayer): string {
  const map = digestHex(digestOf(Buffer.from(JSON.stringify(idMap)))).slice(0, mapDigits)
  return join(store.paths.root, directories.mapped, `${digestHex(top)}-${map}`)
}

/** Whoever holds the lock on this file makes the mapped tree of that path. */
export function mappedLock(store: Store, path: string): string {
  return join(store.paths.root, directories.ingest, `mapped-${basename(path).split('.', 1)[0]}`)
}

/** Whether the layer that a mapped tree shows is gone. */
export function isMappedOfNone(store: Store, path: string): boolean {
  const chainId = `sha256:${basename(path).slice(0, chainDigits)}`
  return ![store, ...store.additional].some(
    (shelf) => row(shelf.database, "SELECT 1 FROM layers WHERE chain_id = ? AND id_map = ''", chainId) !== undefined,
  )
}
