import type { ImageDestination, ImageSource, PushedImage, PushOptions } from '@podwright/contracts'
import { createRegistryDestination, endpointsOf, resolveShortName } from '@podwright/distribution'
import {
  type Descriptor,
  formatReference,
  layerCompression,
  parseManifest,
  parseNamed,
  parseReference,
  type Reference,
} from '@podwright/oci'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess, type RegistryAccess } from '../registries/registry-access.ts'
import type { FoundImage } from './find-image.ts'
import { requirePlatform } from './find-platform.ts'
import { openStoredImage } from './stored-source.ts'
import { transfer } from './transfer.ts'
import { isPlace } from './is-place.ts'

/** Sends an image to a registry, or to wherever a name with a transport leads. What is there is not sent again. */
export async function pushImage(
  parts: EngineParts,
  typed: string,
  destination: string | undefined,
  options: PushOptions,
): Promise<PushedImage> {
  const storage = await parts.storage()
  const found = await requirePlatform(storage, typed, options.platform)
  const target = destination ?? ownDestination(found, typed)
  if (isPlace(target) && !target.startsWith('docker://')) return pushToPlace(parts, found, target, options)
  const name = target.replace(/^docker:\/\//, '')
  await using access = await openRegistryAccess(parts, parseNamed(name).registry ?? 'docker.io', options)
  const reference = registryReference(name, access)
  await using to = createRegistryDestination(access, reference, {
    config: access.config,
    tlsVerify: options.tlsVerify,
    mountFrom: repositoriesAt(found, reference),
  })
  return await push(parts, found, { destination: to, name: formatReference(reference) }, options)
}

async function pushToPlace(parts: EngineParts, found: FoundImage, target: string, options: PushOptions): Promise<PushedImage> {
  const { openTransports } = await import('./transports.ts')
  await using places = await openTransports(parts, '', options)
  await using destination = await places.transports.openDestination(withOwnName(target, found), options)
  return await push(parts, found, { destination, name: destination.reference }, options)
}

async function push(
  parts: EngineParts,
  found: FoundImage,
  to: { readonly destination: ImageDestination; readonly name: string },
  { format, compression, compressionLevel, signal, onProgress }: PushOptions,
): Promise<PushedImage> {
  await using source = await openStoredImage(await parts.storage(), found)
  const packed = compression ?? (await compressionFor(source, to.name))
  // Who may not write there learns it before layers are packed, which takes its time.
  if (packed !== undefined) await to.destination.hasBlob(await configOf(source), { signal })
  const { committed } = await transfer(parts, source, to.destination, { format, compression: packed, compressionLevel, signal, onProgress })
  return { image: found.image, destination: to.name, digest: committed.digest }
}

/**
 * What was made here has layers that aren't compressed; registries' users expect them to be. Layers that are compressed already stay as they are where
 * they can.
 */
async function compressionFor(source: ImageSource, destination: string): Promise<'gzip' | 'zstd' | undefined> {
  if (isPlace(destination)) return undefined
  const { bytes, descriptor } = await source.manifest()
  const parsed = parseManifest(bytes, descriptor.mediaType)
  const compressions = parsed.kind === 'manifest' ? parsed.manifest.layers.map(({ mediaType }) => layerCompression(mediaType)) : []
  if (!compressions.includes('none')) return undefined
  return compressions.includes('zstd') ? 'zstd' : 'gzip'
}

async function configOf(source: ImageSource): Promise<Descriptor> {
  const { bytes, descriptor } = await source.manifest()
  const parsed = parseManifest(bytes, descriptor.mediaType)
  return parsed.kind === 'manifest' ? parsed.manifest.config : descriptor
}

/** A short name is where pulls would look for it first. */
function registryReference(name: string, { config }: RegistryAccess): Reference {
  const reference = resolveShortName(name, config)[0] as Reference
  endpointsOf(reference, config, { purpose: 'push' })
  return reference
}

/** @throws `ERR_IMAGE_OPTION_INVALID` for an image that has no name to go by */
function ownDestination({ image, name }: FoundImage, typed: string): string {
  if (name !== image.id && !name.includes('@')) return name
  const [first] = image.names
  if (first !== undefined) return first
  throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot push the image ${typed}: it has no name, so nothing says where to`, {
    hint: `Give a destination: podwright push ${typed} REGISTRY/NAME:TAG`,
    details: { id: image.id },
  })
}

/** Repositories of the same registry that the image came from: its blobs are there. */
function repositoriesAt({ image }: FoundImage, { registry, repository }: Reference): string[] {
  const known = image.digests
    .map((text) => parseReference(text))
    .filter((other) => other.registry === registry && other.repository !== repository)
  return [...new Set(known.map((other) => other.repository))]
}

/** In an archive an image has the name that it has here, unless another was given. */
function withOwnName(target: string, { name, image }: FoundImage): string {
  const isArchive = /^docker-archive:[^:]+$/.test(target)
  return isArchive && name !== image.id && !name.includes('@') ? `${target}:${name}` : target
}
