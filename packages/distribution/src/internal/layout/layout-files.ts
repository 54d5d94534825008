import { type AbortOptions, isPodwrightError, messageOf } from '@podwright/conventions'
import {
  type Digest,
  digestAlgorithm,
  digestHex,
  digestOf,
  type ImageIndex,
  loadDigestAlgorithm,
  mediaTypes,
  parseImageIndex,
} from '@podwright/oci'
import * as z from 'zod/mini'
import { DistributionError } from '../../errors.ts'
import { type FileTree, readWhole } from '../files/file-tree.ts'
import { readJson } from '../read-json.ts'

export const layoutVersion = '1.0.0'

const documentMaximumBytes = 4 * 1024 * 1024

/** Where a blob lies. @throws OciError for what is no digest, so that no path can be made of it */
export function blobName(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
}

/**
 * A layout's index.json.
 *
 * @returns undefined when there is no oci-layout; an empty one when there is no index.json yet
 * @throws DistributionError `ERR_LAYOUT_INVALID`
 */
export async function readLayoutIndex(tree: FileTree, options: AbortOptions = {}): Promise<ImageIndex | undefined> {
  const marker = await read(tree, 'oci-layout', options)
  if (marker === undefined) return undefined
  const version = readJson(z.object({ imageLayoutVersion: z.unknown() }), marker)?.imageLayoutVersion
  if (version !== layoutVersion) throw layoutInvalid(tree, `its oci-layout has version ${JSON.stringify(version)}, not "${layoutVersion}"`)
  const bytes = await read(tree, 'index.json', options)
  try {
    if (bytes === undefined) return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] }
    return parseImageIndex(bytes, mediaTypes.ociIndex)
  } catch (error) {
    throw layoutInvalid(tree, messageOf(error), error)
  }
}

async function read(tree: FileTree, name: string, options: AbortOptions): Promise<Uint8Array | undefined> {
  const tooLarge = (size: number): Error => layoutInvalid(tree, `its ${name} has ${size} bytes, more than ${documentMaximumBytes}`)
  try {
    return await readWhole(tree, name, documentMaximumBytes, tooLarge, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    throw isPodwrightError(error) ? error : layoutInvalid(tree, messageOf(error), error)
  }
}

/** A document among the blobs, verified. @throws DistributionError `ERR_LAYOUT_NOT_FOUND`, `ERR_LAYOUT_INVALID` */
export async function readDocument(tree: FileTree, digest: Digest, options: AbortOptions = {}): Promise<Uint8Array> {
  await loadDigestAlgorithm(digestAlgorithm(digest))
  const bytes = await read(tree, blobName(digest), options)
  if (bytes === undefined) throw blobNotFound(tree, digest)
  const found = digestOf(bytes, digestAlgorithm(digest))
  if (found !== digest) throw layoutInvalid(tree, `the bytes of its document ${digest} have the digest ${found}`)
  return bytes
}

export function blobNotFound({ place }: FileTree, digest: Digest, cause?: unknown): DistributionError {
  return new DistributionError('ERR_LAYOUT_NOT_FOUND', `cannot read ${digest} from the layout ${place}: it is not there`, {
    cause,
    details: { place, digest },
  })
}

export function layoutInvalid({ place }: Pick<FileTree, 'place'>, reason: string, cause?: unknown): DistributionError {
  return new DistributionError('ERR_LAYOUT_INVALID', `cannot use ${place} as an OCI image layout: ${reason}`, {
    cause,
    details: { place },
  })
}
