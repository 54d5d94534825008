import type { AbortOptions } from '@podwright/conventions'
import type { Descriptor, Digest, ImageConfig, Platform } from '@podwright/oci'
import type { CopyImageOptions, CopyImageResult, EndpointAccess } from './engine-image-transfers.ts'
import type { RegistryOptions } from './engine-registries.ts'

/** Options of `ImagePlaces.inspectAt`. */
export interface InspectAtOptions extends RegistryOptions {
  /** Of an index. @default linux on this machine's architecture */
  readonly platform?: Platform | undefined
  /** Whether to ask for the tags beside it. @default true */
  readonly tags?: boolean | undefined
}

/** An image, wherever it is, as it is told without fetching it. */
export interface DistantImage {
  /** With its transport, as it was resolved. */
  readonly reference: string
  /** Full name without tag, at a registry; undefined elsewhere. */
  readonly repository: string | undefined
  /** What the name leads to: a manifest or an index. */
  readonly top: Descriptor
  readonly topBytes: Uint8Array
  /** The manifest of the chosen image. */
  readonly manifest: Descriptor
  readonly manifestBytes: Uint8Array
  readonly layers: readonly Descriptor[]
  /** Undefined for what is no image. */
  readonly config: ImageConfig | undefined
  readonly configBytes: Uint8Array | undefined
  /** Of the repository; undefined elsewhere, and when nobody asked. */
  readonly tags: readonly string[] | undefined
}

/** Options of `ImagePlaces.sync`. */
export interface SyncOptions extends Omit<CopyImageOptions, 'indexOnly' | 'additionalNames'> {
  /** The source's full name becomes part of the destination's. @default false */
  readonly scoped?: boolean | undefined
  /** Leaves out the tags that hold signatures: `sha256-….sig`. @default false */
  readonly withoutSignatures?: boolean | undefined
  /** An image that fails doesn't keep the others. @default false */
  readonly keepGoing?: boolean | undefined
  /** Says what would be copied. @default false */
  readonly dryRun?: boolean | undefined
}

/** One image of a `sync`. */
export interface SyncedImage {
  readonly source: string
  readonly destination: string
  /** Undefined for a dry run and for what failed. */
  readonly digest: Digest | undefined
  /** Only with `keepGoing`. */
  readonly error?: unknown
}

/** A side of `sync`: `docker://HOST/REPOSITORY[:TAG]`, or `dir:DIRECTORY` with a directory for each image. */
export type SyncPlace = string

/**
 * Images where they are. Names have a transport: `docker://HOST/NAME:TAG`, `oci:DIRECTORY:NAME`, `oci-archive:FILE:NAME`, `docker-archive:FILE:NAME`,
 * `dir:DIRECTORY`, and `containers-storage:NAME` for the engine's own.
 */
export interface ImagePlaces {
  /** From anywhere to anywhere, without coming to stay here unless one end is here. */
  copy(source: string, destination: string, options?: CopyImageOptions): Promise<CopyImageResult>
  inspectAt(name: string, options?: InspectAtOptions): Promise<DistantImage>
  /** Takes the image away; at a registry, all tags of the same manifest go. */
  deleteAt(name: string, options?: EndpointAccess & AbortOptions): Promise<void>
  /** What the images at a place are called: tags of a repository, names in an archive. */
  listAt(name: string, options?: EndpointAccess & AbortOptions): AsyncIterable<string>
  /** Copies what the destination lacks, tag by tag. */
  sync(source: SyncPlace, destination: SyncPlace, options?: SyncOptions): AsyncIterable<SyncedImage>
}
