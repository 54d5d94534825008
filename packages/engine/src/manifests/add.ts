import type { AddToManifestOptions, ManifestRecord, NewListMember, StoredList } from '@podwright/contracts'
import { resolveImage, resolveShortName } from '@podwright/distribution'
import { parseNamed } from '@podwright/oci'
import { findLocalImage } from '../images/find-image.ts'
import { isPlace } from '../images/is-place.ts'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from '../registries/registry-access.ts'
import { requireList } from './find-list.ts'
import { chosenManifests } from './chosen-manifests.ts'

/** Adds an image to a list: one that is here, or else one that a registry has. */
export async function addMember(parts: EngineParts, typed: string, member: string, options: AddToManifestOptions): Promise<StoredList> {
  const storage = await parts.storage()
  const { name } = await requireList(storage, typed)
  let list: StoredList | undefined
  for (const { member: added, ...changes } of await newMembers(parts, member, options)) {
    list = await storage.addToList(name, added, { ...changes, signal: options.signal })
  }
  return list ?? (await requireList(storage, typed)).list
}

/** What a list gets that this is added to. */
export async function newMembers(parts: EngineParts, typed: string, options: AddToManifestOptions): Promise<readonly NewListMember[]> {
  const { all, platform, annotations, artifactType } = options
  const changes = { annotations, artifactType }
  const here = isPlace(typed) ? undefined : findLocalImage(await parts.storage(), typed)
  if (here !== undefined) return [{ member: here.name, ...changes, platform, all }]
  const { members, repository } = await distantMembers(parts, typed, options)
  return members.map((member) => ({ member, ...changes, repository, platform: { ...member.descriptor.platform, ...platform } }))
}

/** Manifests that a registry has, and where. */
interface DistantMembers {
  readonly members: readonly ManifestRecord[]
  readonly repository: string
}

async function distantMembers(parts: EngineParts, member: string, options: AddToManifestOptions): Promise<DistantMembers> {
  const { tlsVerify, signal, all } = options
  const typed = member.replace(/^docker:\/\//, '')
  await using access = await openRegistryAccess(parts, parseNamed(typed).registry ?? 'docker.io', options)
  const candidates = resolveShortName(typed, access.config)
  const { source, manifest, reference } = await resolveImage(access, candidates, { config: access.config, tlsVerify, signal })
  await using opened = source
  const members = await chosenManifests(opened, manifest, { all: all === true, signal })
  return { members, repository: `${reference.registry}/${reference.repository}` }
}
