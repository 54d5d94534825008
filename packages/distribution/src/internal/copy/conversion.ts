import type { ImageAcceptance } from '@podwright/contracts'
import {
  type Descriptor,
  type ImageManifest,
  isForeignLayerMediaType,
  isImageConfigMediaType,
  isLayerMediaType,
  type LayerCompression,
  layerCompression,
  mediaTypes,
} from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import { type ImageFormat, layerType } from '../layer-types.ts'

/** What an image is to become. */
export interface ConversionRequest {
  readonly format?: ImageFormat | undefined
  readonly compression?: LayerCompression | undefined
  readonly preserveDigests?: boolean | undefined
}

/** What is to be done with one layer. */
export interface LayerConversion {
  readonly layer: Descriptor
  /** As it shall be called. */
  readonly mediaType: string
  /** Undefined: its bytes stay. */
  readonly compression: LayerCompression | undefined
}

/** What is to be done with an image. */
export interface Conversion {
  readonly format: ImageFormat
  readonly layers: readonly LayerConversion[]
}

/** What is to be converted, for whom. */
export interface ConversionSubject {
  readonly manifest: ImageManifest
  readonly mediaType: string
  /** Of the source and the destination, for messages. */
  readonly source: string
  readonly destination: string
  readonly accepts: ImageAcceptance
  readonly prefers: ImageFormat | undefined
}

/**
 * Decides what an image must become: what was asked for, and what the destination can hold. What is no image, such as an artifact, stays as it is.
 *
 * @returns undefined when nothing changes
 * @throws DistributionError `ERR_CONVERSION_UNSUPPORTED`, `ERR_DIGESTS_NOT_PRESERVED`
 */
export function decideConversion(subject: ConversionSubject, request: ConversionRequest): Conversion | undefined {
  const { manifest, accepts } = subject
  if (!isImage(manifest)) {
    if (accepts.artifacts !== false) return undefined
    throw unsupported(subject, `it is no image, but an artifact with the config ${manifest.config.mediaType}`)
  }
  const own = formatOf(subject.mediaType)
  const compression = agreed(subject, 'compression', request.compression, accepts.compression)
  const asked = agreed(subject, 'format', request.format, accepts.format)
  if (asked === 'docker' && compression === 'zstd') throw unsupported(subject, 'Docker images have no layers compressed with zstd')
  const wish = request.preserveDigests === true ? undefined : subject.prefers
  const format = asked ?? (compression === 'zstd' ? 'oci' : (wish ?? own))
  const layers = manifest.layers.map((layer) => convertLayer(subject, layer, { own, format, compression }))
  const changed = format !== own || layers.some((layer) => layer.compression !== undefined)
  if (!changed) return undefined
  if (request.preserveDigests === true) throw notPreserved(subject, changesOf(own, format, layers))
  return { format, layers }
}

/** Whether it is the image of a file system. */
export function isImage({ config, layers }: ImageManifest): boolean {
  return isImageConfigMediaType(config.mediaType) && layers.every(({ mediaType }) => isLayerMediaType(mediaType))
}

export function formatOf(mediaType: string): ImageFormat {
  return mediaType === mediaTypes.dockerManifest || mediaType === mediaTypes.dockerManifestList ? 'docker' : 'oci'
}

function agreed<T extends string>(subject: ConversionSubject, what: string, asked: T | undefined, held: T | undefined): T | undefined {
  if (asked === undefined || held === undefined || asked === held) return asked ?? held
  throw unsupported(subject, `it holds images of ${what} ${held} only, and ${asked} was asked for`)
}

interface LayerTarget {
  readonly own: ImageFormat
  readonly format: ImageFormat
  readonly compression: LayerCompression | undefined
}

function convertLayer(subject: ConversionSubject, layer: Descriptor, { own, format, compression }: LayerTarget): LayerConversion {
  const found = layerCompression(layer.mediaType) ?? 'none'
  const isForeign = isForeignLayerMediaType(layer.mediaType)
  if (isForeign && subject.accepts.compression !== undefined) throw unsupported(subject, `its layer ${layer.digest} may not be handed on`)
  // Schema 2 has no type for zstd, though some write one; an image that has it may keep it.
  const suitable = found === 'zstd' && format === 'docker' && own !== 'docker' ? 'gzip' : found
  const target = isForeign ? found : (compression ?? suitable)
  const mediaType = own === format && target === found ? layer.mediaType : layerType(format, target, isForeign)
  if (mediaType === undefined) throw unsupported(subject, `there is no ${format} media type for its layer ${layer.digest}`)
  return { layer, mediaType, compression: target === found ? undefined : target }
}

function changesOf(own: ImageFormat, format: ImageFormat, layers: readonly LayerConversion[]): string {
  const recompressed = layers.filter(({ compression }) => compression !== undefined).length
  const changes = [
    ...(own === format ? [] : [`its format would become ${format}`]),
    ...(recompressed === 0 ? [] : [`${recompressed} of its layers would be compressed otherwise`]),
  ]
  return changes.join(', and ')
}

function unsupported({ source, destination }: ConversionSubject, reason: string): DistributionError {
  return new DistributionError('ERR_CONVERSION_UNSUPPORTED', `cannot copy ${source} to ${destination}: ${reason}`, {
    details: { source, destination },
  })
}

/** @param reason what would change */
export function notPreserved(
  { source, destination }: Pick<ConversionSubject, 'source' | 'destination'>,
  reason: string,
): DistributionError {
  return new DistributionError('ERR_DIGESTS_NOT_PRESERVED', `cannot copy ${source} to ${destination} with its digests: ${reason}`, {
    hint: 'Leave preserveDigests (--preserve-digests) away, or what changes them.',
    details: { source, destination },
  })
}
