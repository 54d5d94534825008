import { messageOf, systemCodeOf } from '@podwright/conventions'
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
import { join } from 'node:path'
import * as z from 'zod/mini'
import { DistributionError } from '../../errors.ts'
import { readJson } from '../read-json.ts'

/** image-spec v1.1, annotations.md: an image's name within a layout. */
export const nameAnnotation = 'org.opencontainers.image.ref.name'

export const layoutVersion = '1.0.0'

const documentMaximumBytes = 4 * 1024 * 1024

/** Where a blob lies. @throws OciError for what is no digest, so that no path can be made of it */
export function blobPath(directory: string, digest: Digest): string {
  return join(directory, 'blobs', digestAlgorithm(digest), digestHex(digest))
}

/**
 * A layout's index.json.
 *
 * @returns undefined when there is none yet: the directory isn't there, is empty, or has an oci-layout file only
 * @throws DistributionError `ERR_LAYOUT_INVALID`
 */
export async function readLayoutIndex(directory: string): Promise<ImageIndex | undefined> {
  const { readdir } = await import('node:fs/promises')
  const marker = await readIfThere(directory, 'oci-layout')
  if (marker === undefined) {
    if ((await readdir(directory).catch(() => [])).length === 0) return undefined
    throw invalid(directory, 'it has files, but no oci-layout among them')
  }
  const version = readJson(z.object({ imageLayoutVersion: z.unknown() }), marker)?.imageLayoutVersion
  if (version !== layoutVersion) throw invalid(directory, `its oci-layout has version ${JSON.stringify(version)}, not "${layoutVersion}"`)
  const bytes = await readIfThere(directory, 'index.json')
  try {
    return bytes === undefined ? undefined : parseImageIndex(bytes, mediaTypes.ociIndex)
  } catch (error) {
    throw invalid(directory, messageOf(error), error)
  }
}

async function readIfThere(directory: string, name: string): Promise<Uint8Array | undefined> {
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(join(directory, name))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw invalid(directory, messageOf(error), error)
  }
}

/** A document among the blobs, verified. @throws DistributionError `ERR_LAYOUT_NOT_FOUND`, `ERR_LAYOUT_INVALID` */
export async function readDocument(directory: string, digest: Digest): Promise<Uint8Array> {
  const { open } = await import('node:fs/promises')
  await loadDigestAlgorithm(digestAlgorithm(digest))
  try {
    await using file = await open(blobPath(directory, digest))
    const { size } = await file.stat()
    if (size > documentMaximumBytes) throw invalid(directory, `its document ${digest} has ${size} bytes, more than ${documentMaximumBytes}`)
    const bytes = await file.readFile()
    const found = digestOf(bytes, digestAlgorithm(digest))
    if (found !== digest) throw invalid(directory, `the bytes of its document ${digest} have the digest ${found}`)
    return bytes
  } catch (error) {
    throw systemCodeOf(error) === 'ENOENT' ? blobNotFound(directory, digest, error) : error
  }
}

export function blobNotFound(directory: string, digest: Digest, cause?: unknown): DistributionError {
  return new DistributionError('ERR_LAYOUT_NOT_FOUND', `cannot read ${digest} from the layout ${directory}: it is not there`, {
    cause,
    details: { directory, digest },
  })
}

function invalid(directory: string, reason: string, cause?: unknown): DistributionError {
  return new DistributionError('ERR_LAYOUT_INVALID', `cannot use ${directory} as an OCI image layout: ${reason}`, {
    cause,
    details: { directory },
  })
}
