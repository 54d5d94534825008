import type { Compression } from '@podwright/archive'
import type { AbortOptions } from '@podwright/conventions'
import { createDigester, type Descriptor, type Digest, mediaTypes } from '@podwright/oci'
import { diffIdMismatch } from '../copy/diff-id.ts'
import type { FileTree } from '../files/file-tree.ts'
import { dockerLayerZstd } from '../layer-types.ts'
import { invalidArchive } from '../tar/archive-error.ts'

const types: Readonly<Record<Compression, string>> = {
  none: mediaTypes.dockerLayer,
  gzip: mediaTypes.dockerLayerGzip,
  zstd: dockerLayerZstd,
}

/**
 * The descriptor of a layer as it lies in a docker archive: uncompressed, as docker and podman write them, it has the digest that the config says; of a compressed
 * one all bytes are read to know it.
 */
export async function describeLayer(tree: FileTree, member: string, diffId: Digest, options: AbortOptions): Promise<Descriptor> {
  const { detectCompression } = await import('@podwright/archive')
  const size = await tree.sizeOf(member)
  if (size === undefined) throw invalidArchive(tree.place, `its layer ${member} is not there`)
  const compression = detectCompression(await firstBytes(tree, member, options))
  if (compression === 'none') return { mediaType: mediaTypes.dockerLayer, digest: diffId, size }
  const digest = await compressedDigest(tree, member, compression, diffId, options)
  return { mediaType: types[compression], digest, size }
}

async function firstBytes(tree: FileTree, member: string, options: AbortOptions): Promise<Uint8Array> {
  for await (const chunk of (await tree.open(member, options))!.chunks) return chunk.subarray(0, 8)
  return new Uint8Array(0)
}

async function compressedDigest(
  tree: FileTree,
  member: string,
  compression: Compression,
  diffId: Digest,
  options: AbortOptions,
): Promise<Digest> {
  const { decompress } = await import('@podwright/archive')
  const packed = createDigester()
  const unpacked = createDigester()
  const { chunks } = (await tree.open(member, { ...options, transient: true }))!
  const watched = (async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      packed.update(chunk)
      yield chunk
    }
  })()
  for await (const chunk of decompress(watched, compression, { signal: options.signal, transient: true })) unpacked.update(chunk)
  const found = unpacked.digest()
  if (found !== diffId) throw diffIdMismatch(`read ${member} from ${tree.place}`, diffId, found)
  return packed.digest()
}
