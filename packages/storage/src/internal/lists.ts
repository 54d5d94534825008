import type { AbortOptions } from '@podwright/conventions'
import type {
  AddToListOptions,
  CreateListOptions,
  Lease,
  ListMember,
  ListMemberChanges,
  RemoveFromListOptions,
  StoredList,
} from '@podwright/contracts'
import { type Descriptor, type Digest, describe, encodeDocument, type ImageIndex, mediaTypes } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { forgetManifests } from './forget-manifests.ts'
import { type ImageName, parseImageName, recordIndex, recordName } from './image-records.ts'
import { holdItems, makeLease } from './leases.ts'
import { findList } from './find-list.ts'
import { changedMember, formatMismatch, resolveMember } from './list-members.ts'
import { putDocument } from './new-blob.ts'
import { type Row, row, type Store, text } from './store.ts'
import { sweep } from './sweep.ts'

/** Makes a list with all its members. @throws `ERR_LIST_EXISTS`, `ERR_LIST_FORMAT`, `ERR_IMAGE_NOT_FOUND` */
export async function createList(store: Store, name: string, options: CreateListOptions): Promise<StoredList> {
  const parsed = listName(name)
  const { format = 'oci', annotations, artifactType, subject, replace = false } = options
  const extras = {
    ...(artifactType !== undefined && { artifactType }),
    ...(subject !== undefined && { subject }),
    ...(annotations !== undefined && { annotations }),
  }
  if (format === 'docker' && Object.keys(extras).length > 0) throw formatMismatch(Object.keys(extras))
  const mediaType = format === 'docker' ? mediaTypes.dockerManifestList : mediaTypes.ociIndex
  const { artifactType: type, ...rest } = extras
  const empty: ImageIndex = { schemaVersion: 2, mediaType, ...(type !== undefined && { artifactType: type }), manifests: [], ...rest }
  // Before a registry's documents are kept in vain.
  refuseTakenName(rowOfName(store, parsed.name), parsed.name, replace)
  await using lease = await makeLease(store, { signal: options.signal })
  const index = await withMembers(store, lease, empty, options)
  for (;;) {
    const before = rowOfName(store, parsed.name)
    refuseTakenName(before, parsed.name, replace)
    const expected = before === undefined ? null : (text(before['digest']) as Digest)
    if (await recordList(store, parsed, index, expected, options)) return await requireList(store, parsed.name)
  }
}

export async function addToList(store: Store, name: string, member: ListMember, options: AddToListOptions): Promise<StoredList> {
  await using lease = await makeLease(store, { signal: options.signal })
  const members = await resolveMember(store, lease, member, options)
  return await changeList(store, name, options, (index) => withAdded(index, members, options))
}

async function withMembers(
  store: Store,
  lease: Lease,
  empty: ImageIndex,
  { members = [], signal }: CreateListOptions,
): Promise<ImageIndex> {
  let index = empty
  for (const { member, ...options } of members) {
    index = withAdded(index, await resolveMember(store, lease, member, { ...options, signal }), options)
  }
  return index
}

/** One of the same digest is replaced. */
function withAdded(index: ImageIndex, members: readonly Descriptor[], changes: ListMemberChanges): ImageIndex {
  const added = members.map((descriptor) => changedMember(index, descriptor, changes))
  const others = index.manifests.filter(({ digest }) => !added.some((descriptor) => descriptor.digest === digest))
  return { ...index, manifests: [...others, ...added] }
}

/** @throws `ERR_LIST_EXISTS` */
function refuseTakenName(before: Row | undefined, name: string, replace: boolean): void {
  if (before !== undefined && (!replace || before['kind'] !== 'index')) throw listExists(name)
}

export function annotateList(
  store: Store,
  name: string,
  member: Digest | undefined,
  changes: ListMemberChanges,
  options: AbortOptions,
): Promise<StoredList> {
  return changeList(store, name, options, (index) => {
    if (member === undefined) return annotatedIndex(index, changes)
    const found = requireMember(name, index, member)
    return { ...index, manifests: index.manifests.map((one) => (one === found ? changedMember(index, one, changes) : one)) }
  })
}

export async function removeFromList(store: Store, name: string, member: Digest, options: RemoveFromListOptions): Promise<StoredList> {
  if (options.dryRun === true) {
    const list = await requireList(store, listName(name).name)
    requireMember(name, list.index, member)
    return list
  }
  return changeList(store, name, options, (index) => {
    const found = requireMember(name, index, member)
    return { ...index, manifests: index.manifests.filter((one) => one !== found) }
  })
}

/** Each change makes a new document; when somebody else made one meanwhile, the change is made once more on top of that. */
async function changeList(
  store: Store,
  name: string,
  options: AbortOptions,
  change: (index: ImageIndex) => ImageIndex,
): Promise<StoredList> {
  const parsed = listName(name)
  for (;;) {
    const { descriptor, index } = await requireList(store, parsed.name)
    if (await recordList(store, parsed, change(index), descriptor.digest, options)) return requireList(store, parsed.name)
  }
}

/** Whether the name still led to what was expected (`null`: nothing), and leads to the new document now. Other names of the old one follow. */
async function recordList(
  store: Store,
  name: ImageName & { readonly name: string },
  index: ImageIndex,
  expected: Digest | null,
  options: AbortOptions,
): Promise<boolean> {
  const bytes = encodeDocument(index)
  const descriptor = describe(bytes, index.mediaType ?? mediaTypes.ociIndex)
  await using lease = await makeLease(store, options)
  await holdItems(
    store,
    lease,
    index.manifests.map(({ digest }) => ['blob', digest] as const),
    options,
  )
  await putDocument(store, lease, { descriptor, bytes }, options)
  const suspects = await store.database.transaction(
    () => {
      const before = rowOfName(store, name.name)
      if ((before === undefined ? null : text(before['digest'])) !== expected) return undefined
      recordIndex(store, descriptor, index)
      recordName(store, name, null, descriptor.digest)
      return forgetManifests(store)
    },
    { ...options, durable: true },
  )
  if (suspects !== undefined) await sweep(store, suspects, options)
  return suspects !== undefined
}

function rowOfName(store: Store, name: string): Row | undefined {
  return row(
    store.database,
    'SELECT digest, CASE WHEN image IS NULL THEN kind END AS kind FROM names JOIN manifests ON digest = manifest WHERE name = ?',
    name,
  )
}

/** @throws `ERR_LIST_NOT_FOUND` */
async function requireList(store: Store, name: string): Promise<StoredList> {
  const list = await findList(store, name)
  if (list !== undefined) return list
  throw new StorageError('ERR_LIST_NOT_FOUND', `cannot find the manifest list ${name}: the storage has none of that name`, {
    hint: 'Create it first.',
    details: { name },
  })
}

/** @throws `ERR_LIST_MEMBER_NOT_FOUND` */
function requireMember(name: string, index: ImageIndex, member: Digest): Descriptor {
  const found = index.manifests.find(({ digest }) => digest === member)
  if (found !== undefined) return found
  throw new StorageError('ERR_LIST_MEMBER_NOT_FOUND', `cannot change the manifest list ${name}: it does not have ${member}`, {
    details: { name, digest: member },
  })
}

function annotatedIndex(index: ImageIndex, { annotations, artifactType, platform }: ListMemberChanges): ImageIndex {
  if (platform !== undefined) {
    throw new StorageError('ERR_LIST_FORMAT', 'cannot give the list itself a platform: its members have one each', {
      hint: 'Name a member.',
    })
  }
  if (index.mediaType === mediaTypes.dockerManifestList) throw formatMismatch(['annotations'])
  return {
    ...index,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations !== undefined && { annotations: { ...index.annotations, ...annotations } }),
  }
}

function listName(name: string): ImageName & { readonly name: string } {
  const { repository, name: tagged } = parseImageName(name)
  if (tagged !== undefined) return { repository, name: tagged }
  throw new StorageError(
    'ERR_IMAGE_NAME',
    `cannot give a manifest list the name ${name}: it has a digest, and each change gives another one`,
    {
      hint: 'Use a name with a tag.',
    },
  )
}

function listExists(name: string): StorageError {
  return new StorageError('ERR_LIST_EXISTS', `cannot create the manifest list ${name}: the name is taken`, {
    hint: 'Use another name, or remove what has it.',
    details: { name },
  })
}
