import { randomHex } from '@podwright/linux'
import { type Digest, digestAlgorithm, digestHex, digestOf } from '@podwright/oci'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where things lie in a storage's root. All absolute. */
export interface StoragePaths {
  readonly root: string
  readonly database: string
  /** A blob under its name is complete, verified and on disk. */
  blob(digest: Digest): string
  /** A blob that is coming in. The lock on this file is the right to write it. */
  ingest(digest: Digest): string
  /** Whoever holds the lock on this file unpacks the layer. */
  layerLock(chainId: Digest): string
  /** An unpacked layer: `diff/` and `layer.json`. A directory under this name is complete and on disk. */
  layer(chainId: Digest): string
  /** A new name for a layer that is being unpacked, in the same directory. */
  layerStaging(chainId: Digest): string
  /** A short symbolic link to a layer's `diff/`. */
  link(name: string): string
  /** A link of a known name, in the directory of links, to an additional store's root. */
  additionalLink(root: string): string
  snapshot(key: string): string
  /** Whoever holds the lock on this file mounts or unmounts the snapshot. */
  mountLock(key: string): string
  /** A new name for a file that is coming in without anybody knowing what its digest will be. */
  newIngest(): string
  lease(id: string): string
  /** A new name for something that is to be deleted. */
  trash(): string
}

/** The directories of a storage, relative to its root. */
export const directories = {
  blobs: 'blobs',
  ingest: 'ingest',
  layers: 'layers',
  /** `HEX-MAP/diff`: what the layers up to one show, under other ids. A directory under such a name is complete and on disk. */
  mapped: 'mapped',
  links: 'l',
  snapshots: 'snapshots',
  leases: 'leases',
  trash: 'trash',
} as const

export function storagePaths(root: string): StoragePaths {
  return {
    root,
    database: join(root, 'storage.db'),
    blob: (digest) => join(root, directories.blobs, digestAlgorithm(digest), digestHex(digest)),
    ingest: (digest) => join(root, directories.ingest, `${digestAlgorithm(digest)}-${digestHex(digest)}`),
    layerLock: (chainId) => join(root, directories.ingest, `layer-${digestHex(chainId)}`),
    layer: (chainId) => join(root, directories.layers, layerDirectory(chainId)),
    layerStaging: (chainId) => join(root, directories.layers, `${layerDirectory(chainId)}.${uniqueName()}`),
    link: (name) => join(root, directories.links, name),
    additionalLink: (store) => join(root, directories.links, additionalLinkName(store)),
    snapshot: (key) => join(root, directories.snapshots, key),
    mountLock: (key) => join(root, directories.ingest, `mount-${key}`),
    newIngest: () => join(root, directories.ingest, `new-${uniqueName()}`),
    lease: (id) => join(root, directories.leases, id),
    trash: () => join(root, directories.trash, uniqueName()),
  }
}

export function makeDirectories(root: string): void {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  for (const name of Object.values(directories)) mkdirSync(join(root, name), { recursive: true, mode: 0o700 })
}

/** A chainID's directory; the inverse is `chainIdOf`. */
export function layerDirectory(chainId: Digest): string {
  return digestHex(chainId)
}

const additionalMark = '@'

/** Four digits of a hash are enough to tell a handful of stores apart, and short. */
function additionalLinkName(root: string): string {
  return additionalMark + digestHex(digestOf(Buffer.from(root))).slice(0, 4)
}

export function isAdditionalLink(name: string): boolean {
  return name.startsWith(additionalMark)
}

export function uniqueName(): string {
  return randomHex(8)
}
