import type { AbortOptions } from '@podwright/conventions'
import type { Descriptor, Digest, ImageIndex, ImageManifest, Platform } from '@podwright/oci'
import type { ManifestRecord } from './image-transport.ts'

/** A manifest list (an OCI index or a Docker manifest list) that was made here and can be changed. Each change makes a new document, and the name leads to that. */
export interface StoredList {
  /** Of the list as it is now. */
  readonly descriptor: Descriptor
  /** Full names with tag that lead to it; sorted. */
  readonly names: readonly string[]
  readonly index: ImageIndex
  /** When its name was last given or its content last changed. */
  readonly changed: Date
}

/** Options of `StoredLists.createList`. */
export interface CreateListOptions extends AbortOptions {
  /** Media type of the document. @default 'oci' */
  readonly format?: 'oci' | 'docker' | undefined
  /** For `oci` only. @default none */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** For `oci` only. @default none */
  readonly artifactType?: string | undefined
  /** For `oci` only: what the list is about. @default nothing */
  readonly subject?: Descriptor | undefined
  /** Whether a list of that name is emptied instead of an error. The name of an image or artifact is never taken. @default false */
  readonly replace?: boolean | undefined
  /** What it has from the start: it is made with all of them, or not at all. @default none */
  readonly members?: readonly NewListMember[] | undefined
}

/** A member that a list is made with, and what the list says of it. */
export interface NewListMember extends Omit<AddToListOptions, 'signal'> {
  readonly member: ListMember
}

/** What a list says of a member; what is undefined stays, or is as the image says. */
export interface ListMemberChanges {
  readonly platform?: Partial<Platform> | undefined
  /** Added to those that it has. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly artifactType?: string | undefined
}

/** Options of `StoredLists.removeFromList`. */
export interface RemoveFromListOptions extends AbortOptions {
  /** Nothing is changed; the answer is the list as it is. @default false */
  readonly dryRun?: boolean | undefined
}

/** Options of `StoredLists.addToList`. */
export interface AddToListOptions extends AbortOptions, ListMemberChanges {
  /** Of a stored list or pulled index: all its members instead of the one for this host. @default false */
  readonly all?: boolean | undefined
  /** Full name without tag of the repository that a `ManifestRecord` came from: `Storage.blobLocations` then tells where its blobs are. */
  readonly repository?: string | undefined
}

/**
 * A member: the reference of a stored image, list or artifact; or what a registry said, with the manifest when it is to be kept here (its blobs are
 * not: a push finds them where it came from).
 */
export type ListMember = string | Descriptor | ManifestRecord

/** Manifest lists, as `manifest create` makes them. A list holds the blobs of the members that are stored here, also when their images are removed. */
export interface StoredLists {
  /** @throws `ERR_LIST_EXISTS`, `ERR_IMAGE_NAME`, `ERR_IMAGE_NOT_FOUND` */
  createList(name: string, options?: CreateListOptions): Promise<StoredList>
  /** By full name with tag, name with the list's digest, or digest. Indexes that images came in by are not found. */
  findList(reference: string): Promise<StoredList | undefined>
  /** Sorted by name. */
  listLists(): Promise<StoredList[]>
  /** Adds a member; one of the same digest is replaced. @throws `ERR_LIST_NOT_FOUND`, `ERR_IMAGE_NOT_FOUND` */
  addToList(name: string, member: ListMember, options?: AddToListOptions): Promise<StoredList>
  /** Changes what the list says of a member, or, without a digest, its own annotations. @throws `ERR_LIST_NOT_FOUND`, `ERR_LIST_MEMBER_NOT_FOUND` */
  annotateList(name: string, member: Digest | undefined, changes: ListMemberChanges, options?: AbortOptions): Promise<StoredList>
  /** @throws `ERR_LIST_NOT_FOUND`, `ERR_LIST_MEMBER_NOT_FOUND` */
  removeFromList(name: string, member: Digest, options?: RemoveFromListOptions): Promise<StoredList>
}

/** An artifact: a manifest whose layers are files of any kind. */
export interface StoredArtifact {
  /** Of its manifest: what it is kept by. */
  readonly descriptor: Descriptor
  /** Full names with tag; sorted. */
  readonly names: readonly string[]
  /** Full names with digest. */
  readonly digests: readonly string[]
  readonly manifest: ImageManifest
  /** Bytes of its layers. */
  readonly sizeBytes: number
  /** When its name was last given. */
  readonly changed: Date
}

/** A file of an artifact that is being made. */
export interface ArtifactFile {
  /** Absolute path, or the bytes. */
  readonly content: string | AsyncIterable<Uint8Array>
  /** Annotation `org.opencontainers.image.title`. @default the last part of the path */
  readonly title?: string | undefined
  /** @default 'application/octet-stream' */
  readonly mediaType?: string | undefined
  /** @default none but the title */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** Options of `StoredArtifacts.createArtifact`. */
export interface CreateArtifactOptions extends AbortOptions {
  /** @default 'application/vnd.unknown.artifact.v1' */
  readonly artifactType?: string | undefined
  /** Of the manifest. @default none */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** What becomes of an artifact that has the name: an error, another in its place, or these files besides its own. @default 'refuse' */
  readonly existing?: 'refuse' | 'replace' | 'append' | undefined
}

/** Artifacts: kept by their manifest's digest, apart from images. Read one with `Storage.source`; remove it with `Storage.removeName`. */
export interface StoredArtifacts {
  /** @throws `ERR_ARTIFACT_EXISTS`, `ERR_ARTIFACT_NOT_FOUND` (to append to), `ERR_IMAGE_NAME` */
  createArtifact(name: string, files: readonly ArtifactFile[], options?: CreateArtifactOptions): Promise<StoredArtifact>
  /** By full name with tag, name with digest, digest, or unambiguous beginning of one. @throws `ERR_IMAGE_AMBIGUOUS` */
  findArtifact(reference: string): Promise<StoredArtifact | undefined>
  /** Sorted by name. */
  listArtifacts(): Promise<StoredArtifact[]>
  /**
   * Gives a file of an artifact a second name, readable for all, which stays when the artifact goes; it is copied where the path is on another file system. It must never
   * be written to.
   *
   * @throws `ERR_BLOB_NOT_FOUND`
   */
  linkBlob(digest: Digest, path: string): Promise<void>
}
