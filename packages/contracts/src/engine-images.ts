import type { AbortOptions, ProgressOptions } from '@podwright/conventions'
import type { Digest, ImageConfig, Platform } from '@podwright/oci'
import type { BlobProgress } from './image-transport.ts'
import type { RemovedImage, StoredImage } from './storage.ts'

/** What happens during a pull. */
export type PullProgress =
  | BlobProgress
  | { readonly type: 'pull:resolve'; readonly reference: string }
  | {
      readonly type: 'pull:resolved'
      readonly reference: string
      readonly digest: Digest
      readonly layers: number
      readonly sizeBytes: number
    }

/** Who to be at a registry. */
export interface RegistryCredentials {
  readonly username: string
  readonly password: string
}

/** Options of `Images.pull`. */
export interface PullOptions extends AbortOptions, ProgressOptions<PullProgress> {
  /** @default the host's */
  readonly platform?: Platform | undefined
  /** Whether to insist on HTTPS with a trusted certificate. @default as registries.conf says, else true */
  readonly tlsVerify?: boolean | undefined
  /** @default what auth.json or docker's config.json has */
  readonly credentials?: RegistryCredentials | undefined
  /** File to read credentials from. */
  readonly authFile?: string | undefined
  /** `missing`: only when it isn't here; `newer`: when the registry's differs; `never`: an error when it isn't here. @default 'always' */
  readonly policy?: 'always' | 'missing' | 'newer' | 'never' | undefined
}

/** What `pull` came to. */
export interface PulledImage {
  readonly image: StoredImage
  /** The full name that the reference was resolved to. */
  readonly name: string
  /** Of the manifest or index that the name led to; undefined when nothing was fetched. */
  readonly digest: Digest | undefined
  /** Whether the image was changed or added. */
  readonly updated: boolean
}

/** An image and everything known of it. */
export interface ImageDetails {
  readonly image: StoredImage
  readonly config: ImageConfig
}

/** The engine's images. References are what people type: short names, full names, digests, id prefixes. */
export interface Images {
  pull(reference: string, options?: PullOptions): Promise<PulledImage>
  list(options?: AbortOptions): Promise<readonly StoredImage[]>
  /** @throws `ERR_IMAGE_NOT_FOUND`, `ERR_IMAGE_AMBIGUOUS` */
  inspect(reference: string, options?: AbortOptions): Promise<ImageDetails>
  exists(reference: string): Promise<boolean>
  /** Takes the name away, or deletes the image when it is an id. `force` also removes the containers on it. */
  remove(reference: string, options?: AbortOptions & { readonly force?: boolean }): Promise<RemovedImage>
}
