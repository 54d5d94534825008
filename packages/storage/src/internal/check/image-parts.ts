import { chainIds, type Descriptor, type Digest, type ImageConfig, parseManifest } from '@podwright/oci'
import { readFileSync } from 'node:fs'
import { blobPath } from '../blobs.ts'
import { descriptorOf } from '../images.ts'
import { rows, type Store, text } from '../store.ts'

/** A manifest with all that it needs. */
export interface ManifestParts {
  readonly descriptor: Descriptor
  readonly kind: string
  /** As its document says; undefined when that can't be read. */
  readonly references: readonly (Descriptor & { readonly role: 'config' | 'layer' | 'manifest' })[] | undefined
  readonly images: readonly Digest[]
  /** Where it can be had. */
  readonly pull: readonly string[]
}

/** What images consist of. */
export interface ImageParts {
  /** Those that an image, or the name of an artifact or list, needs. */
  readonly manifests: readonly ManifestParts[]
  /** chainIDs of each image by what its config says, lowest first. */
  readonly chains: ReadonlyMap<Digest, readonly { readonly chainId: Digest; readonly diffId: Digest }[]>
  /** Names and digests to pull each image by. */
  readonly pull: ReadonlyMap<Digest, readonly string[]>
}

export function readParts(store: Store): ImageParts {
  const pull = pullReferences(store)
  return { manifests: readManifests(store, pull), chains: readChains(store), pull }
}

function pullReferences({ database }: Store): Map<Digest, string[]> {
  const sql = `SELECT image, repository || '@' || manifest AS reference, 0 AS rank FROM repository_digests
    UNION ALL SELECT image, name, 1 FROM names WHERE image IS NOT NULL ORDER BY rank, reference`
  const all = new Map<Digest, string[]>()
  for (const columns of rows(database, sql)) {
    const image = text(columns['image']) as Digest
    all.set(image, [...(all.get(image) ?? []), text(columns['reference'])])
  }
  return all
}

function readManifests(store: Store, pull: ReadonlyMap<Digest, readonly string[]>): ManifestParts[] {
  const sql = `SELECT * FROM manifests WHERE digest IN (SELECT manifest FROM image_manifests) OR digest IN (SELECT manifest FROM names)
    OR digest IN (SELECT manifest FROM repository_digests) ORDER BY digest`
  return rows(store.database, sql).map((columns) => {
    const descriptor = descriptorOf(columns)
    const imageRows = rows(store.database, 'SELECT image FROM image_manifests WHERE manifest = ?', descriptor.digest)
    const images = imageRows.map(({ image }) => text(image) as Digest)
    const named = rows(store.database, 'SELECT name FROM names WHERE manifest = ? AND image IS NULL', descriptor.digest)
    const references = images.flatMap((image) => pull.get(image) ?? [])
    return {
      descriptor,
      kind: text(columns['kind']),
      references: readReferences(store, descriptor),
      images,
      pull: [...new Set([...references, ...named.map(({ name }) => text(name))])],
    }
  })
}

function readReferences(store: Store, { digest, mediaType }: Descriptor): ManifestParts['references'] {
  const path = blobPath(store, digest)
  if (path === undefined) return undefined
  try {
    const parsed = parseManifest(readFileSync(path), mediaType)
    if (parsed.kind === 'index') return parsed.index.manifests.map((one) => ({ ...one, role: 'manifest' as const }))
    const { config, layers } = parsed.manifest
    return [{ ...config, role: 'config' as const }, ...layers.map((one) => ({ ...one, role: 'layer' as const }))]
  } catch {
    // Its bytes are looked at besides.
    return undefined
  }
}

function readChains({ database }: Store): ImageParts['chains'] {
  const all = rows(database, 'SELECT id, config FROM images').map(({ id, config }) => {
    const diffIds = (JSON.parse(text(config)) as ImageConfig).rootfs.diff_ids
    const chain = chainIds(diffIds).map((chainId, index) => ({ chainId, diffId: diffIds[index] as Digest }))
    return [text(id) as Digest, chain] as const
  })
  return new Map(all)
}
