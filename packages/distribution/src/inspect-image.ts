import type { ImageSource } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type Descriptor, type ImageConfig, type ImageManifest, parseImageConfig, parsePlatform, type Platform } from '@podwright/oci'
import * as z from 'zod/mini'
import { DistributionError } from './errors.ts'
import { readSmallBlob } from './internal/copy/configs.ts'
import { isImage } from './internal/copy/conversion.ts'
import { defaultPlatform, planCopy } from './internal/copy/plan.ts'
import { readJson } from './internal/read-json.ts'

/** Options of `inspectImage`. */
export interface InspectImageOptions extends AbortOptions {
  /** Which image of an index; `linux/arm64`. @default linux on this machine's architecture */
  readonly platform?: Platform | string | undefined
}

/** What an image's documents say. */
export interface InspectedImage {
  /** What the reference names: a manifest, or an index. */
  readonly top: Descriptor
  readonly topBytes: Uint8Array
  /** The image that was looked at: `top`, or the one for the platform. */
  readonly manifest: Descriptor
  readonly manifestDocument: ImageManifest
  readonly manifestBytes: Uint8Array
  /** Whose digest is the image's id. */
  readonly configDescriptor: Descriptor
  /** Undefined for what is no image, such as an artifact. */
  readonly config: ImageConfig | undefined
  readonly configBytes: Uint8Array | undefined
  /** As they are kept, lowest first. */
  readonly layers: readonly Descriptor[]
  /** Of config and layers, as they are kept. */
  readonly sizeBytes: number
}

/**
 * Looks an image over without fetching its layers: manifest and config, for one platform.
 *
 * @throws DistributionError `ERR_PLATFORM_NOT_FOUND`, `ERR_BLOB_DIGEST_MISMATCH`, `ERR_BLOB_SIZE_MISMATCH`, what the source and `OciError` throw
 */
export async function inspectImage(source: ImageSource, options: InspectImageOptions = {}): Promise<InspectedImage> {
  const { signal, platform } = options
  const wanted = typeof platform === 'string' ? parsePlatform(platform) : platform
  const { top, images } = await planCopy(source, { platforms: [wanted ?? defaultPlatform()], signal })
  const [image] = images
  if (image === undefined)
    throw new DistributionError('ERR_PLATFORM_NOT_FOUND', `cannot inspect ${source.reference}: its index lists nothing`)
  const { manifest, record } = image
  const configBytes = isImage(manifest) ? await readSmallBlob(source, manifest.config, { signal }) : undefined
  return {
    top: top.descriptor,
    topBytes: top.bytes,
    manifest: record.descriptor,
    manifestDocument: manifest,
    manifestBytes: record.bytes,
    configDescriptor: manifest.config,
    config: configBytes === undefined ? undefined : parseImageConfig(configBytes),
    configBytes,
    layers: manifest.layers,
    sizeBytes: [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0),
  }
}

/** What `skopeo inspect` prints, with its keys in its order. */
export interface InspectionRecord {
  readonly Name?: string
  readonly Digest: string
  readonly RepoTags: readonly string[]
  readonly Created?: string
  readonly DockerVersion: string
  readonly Labels: Readonly<Record<string, string>> | null
  readonly Architecture: string
  readonly Variant?: string
  readonly Os: string
  readonly Layers: readonly string[]
  readonly LayersData: readonly {
    readonly MIMEType: string
    readonly Digest: string
    readonly Size: number
    readonly Annotations: Readonly<Record<string, string>> | null
  }[]
  readonly Env: readonly string[] | null
}

/** An image as `skopeo inspect` shows it. `name` and `tags` are the caller's to know: of a registry, the repository and what `list` gives. */
export function inspectionRecord(
  { top, layers, config, configBytes }: InspectedImage,
  { name, tags = [] }: { readonly name?: string | undefined; readonly tags?: readonly string[] | undefined } = {},
): InspectionRecord {
  return {
    ...(name !== undefined && { Name: name }),
    Digest: top.digest,
    RepoTags: tags,
    ...(config?.created !== undefined && { Created: config.created }),
    DockerVersion: dockerVersionOf(configBytes),
    Labels: config?.config?.Labels ?? null,
    Architecture: config?.architecture ?? '',
    ...(config?.variant !== undefined && { Variant: config.variant }),
    Os: config?.os ?? '',
    Layers: layers.map(({ digest }) => digest),
    LayersData: layers.map(({ mediaType, digest, size, annotations }) => ({
      MIMEType: mediaType,
      Digest: digest,
      Size: size,
      Annotations: annotations ?? null,
    })),
    Env: config?.config?.Env ?? null,
  }
}

/** A key of Docker's that the specification doesn't have. */
function dockerVersionOf(configBytes: Uint8Array | undefined): string {
  if (configBytes === undefined) return ''
  return readJson(z.object({ docker_version: z.string() }), configBytes)?.docker_version ?? ''
}
