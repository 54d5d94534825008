import { emitProgress } from '@podwright/conventions'
import type { CommitProgress, CommitSnapshotOptions, Lease, SnapshotBase, SnapshotPlan, StoredImage } from '@podwright/contracts'
import { chainIds, type Digest, mediaTypes } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { packTask, type PackArgs, type PackResult } from '../tasks/tasks.ts'
import { adoptLayer } from './adopt-layer.ts'
import { below } from './diff-tree.ts'
import { readAnyImage } from './images.ts'
import { holdItems, makeLease } from './leases.ts'
import { newBlob } from './new-blob.ts'
import { emptyBase, type ImageBase, imageBase, makeImage } from './new-image.ts'
import { runTask } from './run-task.ts'
import { requireUnmounted } from './snapshots.ts'
import { optionalText, row, type Store } from './store.ts'
import { openTree, requirePlan } from './trees.ts'

/**
 * Makes an image of what a snapshot has changed: the blob first, then the layer's tree, then the documents, then the rows; each is complete and on
 * disk before it has its name.
 */
export async function commitSnapshot(store: Store, key: string, options: CommitSnapshotOptions): Promise<StoredImage> {
  const { squash = false, consume = false } = options
  const plan = requirePlan(store, key)
  if (plan.base !== undefined) throw onDirectory(key, plan.base)
  if (consume) requireUnmounted(store, key, (await store.driver()).view(plan).mounts)
  await using lease = await makeLease(store, { signal: options.signal })
  const base = await baseOf(store, key, squash)
  const { digest, size } = await packLayer(store, lease, key, plan, options)
  const added = { diffId: digest, blob: { mediaType: mediaTypes.ociLayer, digest, size } }
  const chain = chainIds([...base.config.rootfs.diff_ids, digest])
  const layer = { chainId: chain.at(-1) as Digest, diffId: digest, parent: chain.at(-2) ?? null }
  await holdItems(store, lease, [['layer', layer.chainId]], options)
  if (consume) await adoptLayer(store, key, plan, squash || (options.exclude ?? []).length > 0 ? undefined : layer, options)
  return await makeImage(store, base, added, options)
}

function onDirectory(key: string, { directory }: SnapshotBase): StorageError {
  return new StorageError(
    'ERR_SNAPSHOT_BASE',
    `cannot make an image of the snapshot ${key}: it is on the directory ${directory}, not on an image`,
    {
      details: { key, directory },
    },
  )
}

/** What the image is made on. A squashed one keeps the config of the image below, but none of its layers and steps. */
async function baseOf(store: Store, key: string, squash: boolean): Promise<ImageBase> {
  const id = optionalText(row(store.database, 'SELECT image FROM snapshots WHERE key = ?', key)?.['image']) as Digest | undefined
  if (id === undefined) return emptyBase()
  if (readAnyImage(store, id) === undefined) throw imageGone(key, id)
  const base = await imageBase(store, id)
  return squash ? { config: { ...base.config, rootfs: { type: 'layers', diff_ids: [] }, history: [] }, layers: [] } : base
}

async function packLayer(store: Store, lease: Lease, key: string, plan: SnapshotPlan, options: CommitSnapshotOptions): Promise<PackResult> {
  const driver = await store.driver()
  const { upper } = driver.view(plan)
  const exclude = (options.exclude ?? []).map((path) => path.replace(/^\/+|\/+$/g, ''))
  const pack = (source: PackArgs['source']): Promise<PackResult> =>
    newBlob(
      store,
      lease,
      ({ path }) =>
        runTask(
          store,
          packTask,
          { source, path, exclude, idMap: plan.idMap ?? null, minFreeBytes: store.minFreeBytes },
          {
            signal: options.signal,
            onProgress: ({ completeBytes }) => emitProgress<CommitProgress>(options.onProgress, { type: 'commit:layer', completeBytes }),
          },
        ),
      options,
    )
  if (upper !== undefined && driver.layerFormat.whiteouts === 'overlay' && options.squash !== true)
    return pack({ kind: 'upper', upper, lowers: [] })
  await using tree = await openTree(store, { snapshot: key }, options)
  const view = { mounts: tree.mounts, rootfs: tree.rootfs }
  if (options.squash === true) return await pack({ kind: 'tree', tree: view })
  await using lower = await openTree(store, below(store, { snapshot: key }), { signal: options.signal, idMap: plan.idMap })
  return await pack({ kind: 'trees', lower: { mounts: lower.mounts, rootfs: lower.rootfs }, upper: view })
}

function imageGone(key: string, id: Digest): StorageError {
  return new StorageError('ERR_IMAGE_NOT_FOUND', `cannot commit the snapshot ${key}: the image ${id} that it is on is not in the storage`, {
    hint: 'Pull the image again, or commit with `squash`.',
    details: { key, id },
  })
}
