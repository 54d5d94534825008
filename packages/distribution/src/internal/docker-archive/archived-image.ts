import type { BlobStream, ImageSource, ManifestRecord } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type Descriptor, describe, type Digest, encodeDocument, mediaTypes, parseImageConfig } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import type { FileTree, OpenFileOptions } from '../files/file-tree.ts'
import { invalidArchive } from '../tar/archive-error.ts'
import { describeLayer } from './describe-layer.ts'
import { type ManifestItem, readMember } from './manifest-json.ts'

/** An image of a docker archive. Its manifest is made here, since the archive has none: schema 2, of the layers as they lie there. Disposal leaves the files open. */
export function archivedImage(tree: FileTree, item: ManifestItem, reference: string): ImageSource {
  let read: Promise<ArchivedDocuments> | undefined
  const documents = (options: AbortOptions): Promise<ArchivedDocuments> => {
    options.signal?.throwIfAborted()
    read ??= readDocuments(tree, item, options).catch((error: unknown) => {
      read = undefined
      throw error
    })
    return read
  }
  return {
    reference,
    manifest: async (digest, options = {}): Promise<ManifestRecord> => {
      const { record } = await documents(options)
      if (digest !== undefined && digest !== record.descriptor.digest) throw notFound(reference, digest)
      return record
    },
    openBlob: async (descriptor, options = {}) => openBlob(tree, await documents(options), reference, descriptor, options),
    [Symbol.asyncDispose]: async () => {},
  }
}

interface ArchivedDocuments {
  readonly record: ManifestRecord
  readonly config: Uint8Array
  readonly configDigest: Digest
  readonly members: ReadonlyMap<Digest, string>
}

async function readDocuments(tree: FileTree, item: ManifestItem, options: AbortOptions): Promise<ArchivedDocuments> {
  const config = await readConfig(tree, item, options)
  const diffIds = parseImageConfig(config).rootfs.diff_ids
  if (diffIds.length !== item.layers.length) {
    throw invalidArchive(tree.place, `the config ${item.config} has ${diffIds.length} layers, manifest.json ${item.layers.length}`)
  }
  const layers: Descriptor[] = []
  const members = new Map<Digest, string>()
  for (const [position, member] of item.layers.entries()) {
    const layer = await describeLayer(tree, member, diffIds[position]!, options)
    layers.push(layer)
    members.set(layer.digest, member)
  }
  const configDescriptor = describe(config, mediaTypes.dockerConfig)
  const bytes = encodeDocument({ schemaVersion: 2, mediaType: mediaTypes.dockerManifest, config: configDescriptor, layers })
  const record = { descriptor: describe(bytes, mediaTypes.dockerManifest), bytes }
  return { record, config, configDigest: configDescriptor.digest, members }
}

/** Reads and verifies a config: it is called by its digest, wherever it lies. */
export async function readConfig(tree: FileTree, { config }: ManifestItem, options: AbortOptions): Promise<Uint8Array> {
  const bytes = await readMember(tree, config, options)
  if (bytes === undefined) throw invalidArchive(tree.place, `its config ${config} is not there`)
  const named = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(config)?.[1]
  const { digest } = describe(bytes, mediaTypes.dockerConfig)
  if (named === undefined || digest === `sha256:${named}`) return bytes
  throw invalidArchive(tree.place, `the bytes of its config ${config} have the digest ${digest}`)
}

async function openBlob(
  tree: FileTree,
  { config, configDigest, members }: ArchivedDocuments,
  reference: string,
  { digest, size }: Descriptor,
  { offset = 0, ...options }: OpenFileOptions,
): Promise<BlobStream> {
  if (digest === configDigest) return { offset, chunks: once(config.subarray(offset)) }
  const member = members.get(digest)
  const file = member === undefined ? undefined : await tree.open(member, { offset, ...options })
  if (file === undefined) throw notFound(reference, digest)
  if (file.sizeBytes === size) return { offset, chunks: file.chunks }
  throw invalidArchive(tree.place, `its blob ${digest} has ${file.sizeBytes} bytes, not ${size}`)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function notFound(reference: string, digest: Digest): DistributionError {
  return new DistributionError('ERR_IMAGE_ARCHIVE_NOT_FOUND', `cannot read ${digest} from ${reference}: it is not there`, {
    details: { digest },
  })
}
