import type { ImageUsage, StorageUsage, StorageUsageOptions } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { listOwnImages } from './images.ts'
import { list } from './on-disk.ts'
import { directories } from './paths.ts'
import { readPlan, snapshotNotFound } from './snapshots.ts'
import { optionalText, rows, type Store, text } from './store.ts'

/** Adds up what is recorded; only blobs are looked at, one stat each. */
export async function storageUsage(store: Store, options: StorageUsageOptions): Promise<StorageUsage> {
  const layers = sizes(rows(store.database, "SELECT chain_id AS id, size_bytes FROM layers WHERE id_map = ''"))
  const blobs = blobSizes(store)
  const images = imageUsages(store, layers, blobs)
  const unused = new Set(images.filter(({ snapshots }) => snapshots.length === 0).map(({ id }) => id))
  return {
    images: images.map(({ id, sizeBytes, sharedBytes, uniqueBytes, blobBytes, snapshots }) => ({
      id,
      sizeBytes,
      sharedBytes,
      uniqueBytes,
      blobBytes,
      snapshots,
    })),
    snapshots: options.snapshots === true ? await snapshotUsages(store, options) : [],
    layerBytes: total(layers.values()),
    blobBytes: total(blobs.values()),
    reclaimableBytes: reclaimable(images, unused, layers, blobs),
  }
}

interface CountedImage extends ImageUsage {
  readonly layers: readonly string[]
  readonly blobs: readonly string[]
}

function imageUsages(store: Store, layers: ReadonlyMap<string, number>, blobs: ReadonlyMap<string, number>): CountedImage[] {
  const snapshots = Map.groupBy(rows(store.database, 'SELECT key, image FROM snapshots ORDER BY key'), ({ image }) => optionalText(image))
  const images = listOwnImages(store)
  const blobsOf = imageBlobs(store)
  const layerUsers = countUsers(images.map((image) => image.layers))
  const blobUsers = countUsers(blobsOf.values())
  return images.map((image) => {
    const sharedBytes = total(image.layers.filter((layer) => (layerUsers.get(layer) ?? 0) > 1).map((layer) => layers.get(layer) ?? 0))
    const own = blobsOf.get(image.id) ?? []
    return {
      id: image.id,
      sizeBytes: image.sizeBytes,
      sharedBytes,
      uniqueBytes: image.sizeBytes - sharedBytes,
      blobBytes: total(own.filter((blob) => blobUsers.get(blob) === 1).map((blob) => blobs.get(blob) ?? 0)),
      snapshots: (snapshots.get(image.id) ?? []).map(({ key }) => text(key)),
      layers: image.layers,
      blobs: own,
    }
  })
}

/** The manifests of each image, and what they refer to. */
function imageBlobs(store: Store): Map<string, string[]> {
  const sql = `SELECT image, manifest AS digest FROM image_manifests
    UNION SELECT image, digest FROM image_manifests JOIN manifest_references USING (manifest) WHERE role <> 'manifest'`
  const all = new Map<string, string[]>()
  for (const { image, digest } of rows(store.database, sql)) {
    const known = all.get(text(image))
    if (known === undefined) all.set(text(image), [text(digest)])
    else known.push(text(digest))
  }
  return all
}

function countUsers(lists: Iterable<readonly string[]>): Map<string, number> {
  const users = new Map<string, number>()
  for (const ids of lists) for (const id of new Set(ids)) users.set(id, (users.get(id) ?? 0) + 1)
  return users
}

/** Layers and blobs that unused images alone have. */
function reclaimable(
  images: readonly CountedImage[],
  unused: ReadonlySet<Digest>,
  layers: ReadonlyMap<string, number>,
  blobs: ReadonlyMap<string, number>,
): number {
  const used = images.filter(({ id }) => !unused.has(id))
  const keptLayers = new Set(used.flatMap((image) => image.layers))
  const keptBlobs = new Set(used.flatMap((image) => image.blobs))
  const idle = images.filter(({ id }) => unused.has(id))
  const goingLayers = new Set(idle.flatMap((image) => image.layers).filter((layer) => !keptLayers.has(layer)))
  const goingBlobs = new Set(idle.flatMap((image) => image.blobs).filter((blob) => !keptBlobs.has(blob)))
  return total([...goingLayers].map((id) => layers.get(id) ?? 0)) + total([...goingBlobs].map((id) => blobs.get(id) ?? 0))
}

async function snapshotUsages(store: Store, options: StorageUsageOptions): Promise<StorageUsage['snapshots']> {
  const found = rows(store.database, 'SELECT key, image FROM snapshots WHERE ready = 1 ORDER BY key')
  if (found.length === 0) return []
  const driver = await store.driver()
  const all: StorageUsage['snapshots'][number][] = []
  for (const { key, image } of found) {
    const usage = await driver.usage(store.paths.snapshot(text(key)), options)
    all.push({ ...usage, key: text(key), image: optionalText(image) as Digest | undefined })
  }
  return all
}

/** @throws `ERR_SNAPSHOT_NOT_FOUND` */
export async function snapshotUsage(
  store: Store,
  key: string,
  options: StorageUsageOptions,
): Promise<{ readonly sizeBytes: number; readonly inodes: number }> {
  const plan = readPlan(store, key)
  if (plan === undefined) throw snapshotNotFound(key)
  return (await store.driver()).usage(plan.directory, options)
}

function blobSizes(store: Store): Map<string, number> {
  const all = new Map<string, number>()
  for (const algorithm of list(store, directories.blobs)) {
    for (const hex of readdirSync(algorithm)) {
      const size = statSync(join(algorithm, hex), { throwIfNoEntry: false })?.size
      if (size !== undefined) all.set(`${basename(algorithm)}:${hex}`, size)
    }
  }
  return all
}

function sizes(found: readonly Readonly<Record<string, unknown>>[]): Map<string, number> {
  return new Map(found.map(({ id, size_bytes: bytes }) => [text(id), Number(bytes)]))
}

function total(bytes: Iterable<number>): number {
  let sum = 0
  for (const one of bytes) sum += one
  return sum
}
