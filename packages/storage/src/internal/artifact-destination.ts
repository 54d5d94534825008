import { emitProgress } from '@podwright/conventions'
import type { BlobProgress, ImageDestination, ManifestRecord } from '@podwright/contracts'
import { type Descriptor, type Digest, type ImageManifest, parseManifest } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { recordNamedArtifact } from './artifact-records.ts'
import { hasBlob } from './blobs.ts'
import { ingestBlob } from './ingest.ts'
import { holdItems, makeLease } from './leases.ts'
import { newBlobOf, putDocument } from './new-blob.ts'
import type { Store } from './store.ts'

/** Where an artifact goes: its files are kept as they come. */
export async function openArtifactDestination(store: Store, names: readonly string[]): Promise<ImageDestination> {
  const lease = await makeLease(store)
  const manifests = new Map<Digest, { readonly descriptor: Descriptor; readonly manifest: ImageManifest }>()
  const begin = async ({ descriptor, bytes }: ManifestRecord): Promise<void> => {
    const manifest = parseArtifact({ descriptor, bytes })
    manifests.set(descriptor.digest, { descriptor, manifest })
    const blobs = [descriptor, manifest.config, ...manifest.layers]
    await holdItems(
      store,
      lease,
      blobs.map(({ digest }) => ['blob', digest] as const),
    )
  }
  const has = async ({ digest }: Descriptor): Promise<boolean> => {
    await holdItems(store, lease, [['blob', digest]])
    return hasBlob(store, digest)
  }
  return {
    reference: `storage:${names[0] ?? ''}`,
    accepts: { indexes: false },
    begin,
    hasBlob: has,
    async putBlob(descriptor, open, options = {}) {
      if (await has(descriptor)) emitProgress<BlobProgress>(options.onProgress, { type: 'blob:exists', descriptor })
      else await ingestBlob(store, descriptor, open, options)
    },
    putStream: (chunks, options = {}) => newBlobOf(store, lease, chunks, options),
    async putManifest(manifest, options = {}) {
      await begin(manifest)
      await putDocument(store, lease, manifest, options)
    },
    async commit(top, options = {}) {
      const artifact = manifests.get(top.digest)
      if (artifact === undefined) throw incomplete(top.digest, 'its manifest was never put')
      const missing = [top, artifact.manifest.config, ...artifact.manifest.layers].find(({ digest }) => !hasBlob(store, digest))
      if (missing !== undefined) throw incomplete(top.digest, `the blob ${missing.digest} was never put`)
      await recordNamedArtifact(store, { ...artifact, names, expected: undefined }, options)
    },
    [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
  }
}

function parseArtifact({ descriptor, bytes }: ManifestRecord): ImageManifest {
  const parsed = parseManifest(bytes, descriptor.mediaType)
  if (parsed.kind === 'manifest') return parsed.manifest
  throw new StorageError('ERR_IMAGE_UNSUPPORTED', `cannot store ${descriptor.digest} as an artifact: it is an index`, {
    hint: 'Hand over one of the manifests in it.',
    details: { digest: descriptor.digest },
  })
}

function incomplete(digest: Digest, reason: string): StorageError {
  return new StorageError('ERR_IMAGE_INCOMPLETE', `cannot store the artifact ${digest}: ${reason}`, { details: { digest } })
}
