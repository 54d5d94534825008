import type { AddToListOptions, Lease, ListMember, ListMemberChanges } from '@podwright/contracts'
import {
  type Descriptor,
  type Digest,
  hostPlatform,
  type ImageConfig,
  type ImageIndex,
  isIndexMediaType,
  matchPlatform,
  mediaTypes,
  parseManifest,
  type Platform,
} from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { findArtifact } from './artifact-records.ts'
import { readBlob } from './blobs.ts'
import { recordArtifact, recordLocations, recordManifest } from './image-records.ts'
import { readAnyImage } from './images.ts'
import { holdItems } from './leases.ts'
import { putDocument } from './new-blob.ts'
import { findTop, manifestRecord } from './source.ts'
import { row, type Store, text } from './store.ts'

/**
 * The descriptors that a member stands for: of an index that of the host's platform, or with `all` of all that it has.
 *
 * @throws `ERR_IMAGE_NOT_FOUND`
 */
export async function resolveMember(store: Store, lease: Lease, member: ListMember, options: AddToListOptions): Promise<Descriptor[]> {
  if (typeof member === 'string') return storedMembers(store, lease, member, options)
  if (!('bytes' in member)) return [member]
  await putDocument(store, lease, member, options)
  const parsed = parseManifest(member.bytes, member.descriptor.mediaType)
  if (parsed.kind === 'index') return selected(parsed.index.manifests, options)
  // Its config and layers stay where they are: a manifest that no image has need not be complete.
  const record = parsed.manifest.config.mediaType === mediaTypes.ociEmpty ? recordArtifact : recordManifest
  await store.database.transaction(() => {
    record(store, member.descriptor, parsed.manifest)
    if (options.repository !== undefined) recordLocations(store, { repository: options.repository, name: undefined }, parsed.manifest)
  }, options)
  return [member.descriptor]
}

async function storedMembers(store: Store, lease: Lease, reference: string, options: AddToListOptions): Promise<Descriptor[]> {
  const { digest, image } = await findTop(store, reference)
  await holdItems(store, lease, [['blob', digest]], options)
  const { descriptor, bytes } = await manifestRecord(store, digest)
  if (!isIndexMediaType(descriptor.mediaType)) return [await withPlatform(store, descriptor, image, reference)]
  const parsed = parseManifest(bytes, descriptor.mediaType)
  if (parsed.kind !== 'index') return []
  if (options.all === true) return [...parsed.index.manifests]
  if (image === undefined) return selected(parsed.index.manifests, options)
  // The image that the name leads to, which is the one that was pulled.
  const sql = "SELECT manifest FROM image_manifests JOIN manifests ON digest = manifest WHERE image = ? AND kind = 'manifest'"
  const own = new Set([image].flatMap((id) => [row(store.database, sql, id)]).map((columns) => text(columns?.['manifest'])))
  const pulled = parsed.index.manifests.find((one) => own.has(one.digest))
  return pulled === undefined ? selected(parsed.index.manifests, options) : [pulled]
}

function selected(manifests: readonly Descriptor[], { all = false }: AddToListOptions): Descriptor[] {
  if (all) return [...manifests]
  const match = matchPlatform(hostPlatform(), manifests) ?? manifests[0]
  return match === undefined ? [] : [match]
}

/** An image's platform is said by its config; an artifact has none. */
async function withPlatform(store: Store, descriptor: Descriptor, image: Digest | undefined, reference: string): Promise<Descriptor> {
  const { mediaType, digest, size } = descriptor
  if (image === undefined) {
    const artifactType = (await findArtifact(store, reference))?.manifest.artifactType
    return { mediaType, digest, size, ...(artifactType !== undefined && { artifactType }) }
  }
  const platform =
    readAnyImage(store, image)?.platform ?? (JSON.parse(new TextDecoder().decode(await readBlob(store, image))) as ImageConfig)
  return { mediaType, digest, size, platform: definedPlatform(platform) }
}

function definedPlatform({ os, architecture, variant, 'os.version': version, 'os.features': features }: Platform): Platform {
  return {
    architecture,
    os,
    ...(version !== undefined && { 'os.version': version }),
    ...(features !== undefined && { 'os.features': features }),
    ...(variant !== undefined && { variant }),
  }
}

/** A member with changes. @throws `ERR_LIST_FORMAT` for what a Docker list has no place for */
export function changedMember(
  index: ImageIndex,
  member: Descriptor,
  { platform, annotations, artifactType }: ListMemberChanges,
): Descriptor {
  const extras = [...(annotations === undefined ? [] : ['annotations']), ...(artifactType === undefined ? [] : ['artifactType'])]
  if (index.mediaType === mediaTypes.dockerManifestList && extras.length > 0) throw formatMismatch(extras)
  const changed =
    platform === undefined ? member.platform : definedPlatform({ ...hostlessPlatform, ...member.platform, ...defined(platform) })
  return {
    ...member,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations !== undefined && { annotations: { ...member.annotations, ...annotations } }),
    ...(changed !== undefined && { platform: changed }),
  }
}

const hostlessPlatform: Platform = { os: 'linux', architecture: 'unknown' }

function defined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value
}

export function formatMismatch(what: readonly string[]): StorageError {
  return new StorageError('ERR_LIST_FORMAT', `cannot write a Docker manifest list: it has no place for ${what.join(', ')}`, {
    hint: 'Create the list in the format `oci`.',
  })
}
