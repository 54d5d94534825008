import type { ImageSource, ManifestRecord } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import {
  type Descriptor,
  type Digest,
  formatPlatform,
  hostPlatform,
  type ImageIndex,
  type ImageManifest,
  isIndexMediaType,
  isManifestMediaType,
  matchPlatform,
  parseManifest,
  type Platform,
} from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import { attestedAnnotation } from './rewrite-manifest.ts'

/** An image manifest to copy. */
export interface PlannedImage {
  readonly record: ManifestRecord
  readonly manifest: ImageManifest
  /** As the index says. Undefined without an index, or where it says nothing. */
  readonly platform: Platform | undefined
}

/** An index, and what of it is copied. */
export interface PlannedIndex {
  readonly record: ManifestRecord
  /** Entries of it, in its order. */
  readonly chosen: readonly Descriptor[]
  /** Whether it lists more than that. */
  readonly isPart: boolean
}

/** What is to be copied, found by reading manifests only. */
export interface CopyPlan {
  readonly top: ManifestRecord
  readonly images: readonly PlannedImage[]
  /** The innermost first, as they must be put; `top` last when it is one. */
  readonly indexes: readonly PlannedIndex[]
}

/** Which images of an index to copy. */
export interface PlanOptions extends AbortOptions {
  /** The best image for each; `all`: everything that an index lists. */
  readonly platforms: readonly Platform[] | 'all'
}

/** An index in an index is a rarity, one in which this is reached an attack. */
const nestingMaximum = 4

/** What a container needs: linux, on whatever machine it is pulled. */
export function defaultPlatform(): Platform {
  const host = hostPlatform()
  return host.os === 'windows' || host.os === 'linux' ? host : { ...host, os: 'linux' }
}

/** @throws DistributionError `ERR_PLATFORM_NOT_FOUND`; what the source and `parseManifest` throw */
export async function planCopy(source: ImageSource, options: PlanOptions): Promise<CopyPlan> {
  const top = await source.manifest(undefined, options)
  const { images, indexes } = await planManifest({ source, options }, top, undefined, 0)
  return { top, images, indexes }
}

interface PlanContext {
  readonly source: ImageSource
  readonly options: PlanOptions
}

async function planManifest(
  context: PlanContext,
  record: ManifestRecord,
  platform: Platform | undefined,
  depth: number,
): Promise<Omit<CopyPlan, 'top'>> {
  const parsed = parseManifest(record.bytes, record.descriptor.mediaType)
  if (parsed.kind === 'manifest') return { images: [{ record, manifest: parsed.manifest, platform }], indexes: [] }
  if (depth >= nestingMaximum) {
    throw new DistributionError(
      'ERR_PLATFORM_NOT_FOUND',
      `cannot copy ${context.source.reference}: indexes are nested more than ${nestingMaximum} deep`,
    )
  }
  const inner: Omit<CopyPlan, 'top'>[] = []
  const chosen = chosenFrom(parsed.index, context)
  for (const descriptor of chosen) {
    const child = await context.source.manifest(descriptor.digest, context.options)
    // The index's word on it is what was signed for and what a second reader goes by.
    inner.push(await planManifest(context, { descriptor, bytes: checkSize(child.bytes, descriptor) }, descriptor.platform, depth + 1))
  }
  const index: PlannedIndex = { record, chosen, isPart: chosen.length < parsed.index.manifests.length }
  return { images: inner.flatMap(({ images }) => images), indexes: [...inner.flatMap(({ indexes }) => indexes), index] }
}

function checkSize(bytes: Uint8Array, { digest, size }: Descriptor): Uint8Array {
  if (bytes.byteLength === size) return bytes
  throw new DistributionError(
    'ERR_BLOB_SIZE_MISMATCH',
    `cannot use the manifest ${digest}: it has ${bytes.byteLength} bytes, not ${size} as its index says`,
    {
      details: { digest, expectedBytes: size, foundBytes: bytes.byteLength },
    },
  )
}

function chosenFrom(index: ImageIndex, { source, options }: PlanContext): readonly Descriptor[] {
  if (options.platforms === 'all') return index.manifests
  const chosen = new Set(options.platforms.map((platform) => bestOf(index, platform, source)))
  if (options.platforms.length === 1) return [...chosen]
  // Of several, what is said of them comes along.
  const digests = new Set([...chosen].map(({ digest }) => digest))
  const attests = ({ annotations }: Descriptor): boolean => digests.has((annotations?.[attestedAnnotation] ?? '') as Digest)
  return index.manifests.filter((entry) => chosen.has(entry) || attests(entry))
}

function bestOf(index: ImageIndex, platform: Platform, source: ImageSource): Descriptor {
  const chosen = matchPlatform(platform, index.manifests)
  if (chosen !== undefined) return chosen
  const there = index.manifests.flatMap(({ platform: offered, mediaType }) =>
    offered !== undefined && offered.os !== 'unknown' && (isManifestMediaType(mediaType) || isIndexMediaType(mediaType))
      ? [formatPlatform(offered)]
      : [],
  )
  throw platformNotFound(source, platform, [...new Set(there)])
}

/** @param there platforms that the image is there for */
export function platformNotFound(source: ImageSource, wanted: Platform, there: readonly string[]): DistributionError {
  const offer = there.length === 0 ? 'it names no platform at all' : `it is there for ${there.join(', ')}`
  return new DistributionError(
    'ERR_PLATFORM_NOT_FOUND',
    `cannot copy ${source.reference}: there is no image for ${formatPlatform(wanted)}; ${offer}`,
    {
      details: { wanted: formatPlatform(wanted), available: there },
      ...(there.length > 0 && { hint: `Ask for one of them, such as --platform ${there[0]}` }),
    },
  )
}
