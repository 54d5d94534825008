import type { ImageDestination } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import { type Digest, digestHex, encodeDocument, type ImageManifest, parseManifest } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import type { ArchiveParts } from '../../image-archive-writer.ts'
import { createTarBlobs, type TarBlobs } from '../tar/tar-blobs.ts'
import type { TarFile } from '../tar/tar-file.ts'

/** An image as manifest.json lists it. */
interface SavedImage {
  readonly Config: string
  readonly RepoTags: string[]
  readonly Layers: readonly string[]
}

/** What `docker save` writes, as every engine since Docker 1.10 reads it: configs, uncompressed layers, manifest.json; and `repositories`, which older tools look at. */
export function createDockerArchiveParts(tar: TarFile, reference: string): ArchiveParts {
  const configs = new Set<Digest>()
  const blobs = createTarBlobs(tar, reference, (digest) => (configs.has(digest) ? configMember(digest) : layerMember(digest)))
  const images = new Map<Digest, SavedImage>()
  return {
    destination: (names) => destination({ reference, blobs, configs, images }, names),
    close: async () => {
      await tar.add([encodeDocument(repositoriesOf([...images.values()]))], () => 'repositories')
      await tar.add([encodeDocument([...images.values()])], () => 'manifest.json')
    },
  }
}

interface DockerArchive {
  readonly reference: string
  readonly blobs: TarBlobs
  readonly configs: Set<Digest>
  readonly images: Map<Digest, SavedImage>
}

function destination({ reference, blobs, configs, images }: DockerArchive, names: readonly string[]): ImageDestination {
  const manifests = new Map<Digest, ImageManifest>()
  return {
    reference: names[0] === undefined ? reference : `${reference}:${names[0]}`,
    sparseIndex: false,
    accepts: { format: 'docker', compression: 'none', indexes: false, artifacts: false },
    begin: async ({ descriptor, bytes }) => {
      const parsed = parseManifest(bytes, descriptor.mediaType)
      if (parsed.kind === 'manifest') configs.add(parsed.manifest.config.digest)
    },
    hasBlob: async ({ digest, size }) => blobs.sizeOf(digest) === size,
    putBlob: async (descriptor, open, options = {}) => {
      await blobs.put(descriptor, open, options)
      emitProgress(options.onProgress, { type: 'blob:complete', descriptor })
    },
    putStream: (chunks, options = {}) => blobs.putStream(chunks, options),
    putManifest: async ({ descriptor, bytes }) => {
      const parsed = parseManifest(bytes, descriptor.mediaType)
      if (parsed.kind === 'manifest') manifests.set(descriptor.digest, parsed.manifest)
    },
    commit: async (top) => {
      const manifest = manifests.get(top.digest)
      if (manifest === undefined) throw noIndex(reference)
      const { digest } = manifest.config
      // A tag belongs to the image that got it last.
      for (const saved of images.values()) saved.RepoTags.splice(0, Infinity, ...saved.RepoTags.filter((tag) => !names.includes(tag)))
      const tags = [...(images.get(digest)?.RepoTags ?? []), ...names]
      images.set(digest, {
        Config: configMember(digest),
        RepoTags: tags,
        Layers: manifest.layers.map((layer) => layerMember(layer.digest)),
      })
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function configMember(digest: Digest): string {
  return `${digestHex(digest)}.json`
}

function layerMember(digest: Digest): string {
  return `${digestHex(digest)}.tar`
}

/** Repository → tag → the topmost layer. */
function repositoriesOf(images: readonly SavedImage[]): Record<string, Record<string, string>> {
  const repositories = new Map<string, Record<string, string>>()
  for (const { RepoTags, Layers } of images) {
    for (const name of RepoTags) {
      const colon = name.lastIndexOf(':')
      const repository = name.slice(0, colon)
      const tags = repositories.get(repository) ?? {}
      repositories.set(repository, { ...tags, [name.slice(colon + 1)]: (Layers.at(-1) ?? '').replace(/\.tar$/, '') })
    }
  }
  return Object.fromEntries(repositories)
}

function noIndex(reference: string): DistributionError {
  return new DistributionError('ERR_CONVERSION_UNSUPPORTED', `cannot write to ${reference}: it can hold single images, no index`)
}
