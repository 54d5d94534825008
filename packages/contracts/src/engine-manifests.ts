import type { AbortOptions } from '@podwright/conventions'
import type { Digest } from '@podwright/oci'
import type { PushOptions } from './engine-image-transfers.ts'
import type { RegistryOptions } from './engine-registries.ts'
import type { CreateListOptions, ListMemberChanges, RemoveFromListOptions, StoredList } from './storage.ts'

/** Options of `Manifests.add`. */
export interface AddToManifestOptions extends RegistryOptions, ListMemberChanges {
  /** Of a list: all its members instead of the one for this host. @default false */
  readonly all?: boolean | undefined
}

/** Options of `Manifests.create`. */
export interface CreateManifestOptions extends Omit<CreateListOptions, 'members'>, RegistryOptions {
  /** What people type, as for `add`: the list is made with all of them, or not at all. @default none */
  readonly members?: readonly string[] | undefined
  /** Of a list among the members: all its members instead of the one for this host. @default false */
  readonly all?: boolean | undefined
}

/** Options of `Manifests.push`. */
export interface PushManifestOptions extends PushOptions {
  /** Also the images that it lists. @default true */
  readonly all?: boolean | undefined
  /** The list is removed here afterwards. @default false */
  readonly remove?: boolean | undefined
}

/**
 * Manifest lists that are made here: one name, images for several platforms. Names are what people type. A member is an image that is here, or else at a
 * registry; only its manifest is fetched then.
 */
export interface Manifests {
  /** @throws `ERR_LIST_EXISTS`, `ERR_IMAGE_NOT_FOUND` */
  create(name: string, options?: CreateManifestOptions): Promise<StoredList>
  list(options?: AbortOptions): Promise<readonly StoredList[]>
  exists(name: string): Promise<boolean>
  add(name: string, member: string, options?: AddToManifestOptions): Promise<StoredList>
  /** Changes what the list says of a member, or, without one, its own annotations. @param member a digest, or the reference of an image here */
  annotate(name: string, member: string | undefined, changes: ListMemberChanges, options?: AbortOptions): Promise<StoredList>
  removeMember(name: string, member: string, options?: RemoveFromListOptions): Promise<StoredList>
  /** The document of a list here, or else of what a registry has under the name. */
  inspect(name: string, options?: RegistryOptions): Promise<Uint8Array>
  /** @returns the digest that the destination's name leads to now */
  push(name: string, destination: string, options?: PushManifestOptions): Promise<Digest>
  /** Takes the list away; the images in it stay. @returns its digest */
  remove(name: string, options?: AbortOptions & { readonly dryRun?: boolean | undefined }): Promise<Digest>
}
