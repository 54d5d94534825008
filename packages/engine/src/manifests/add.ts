import type { AddToManifestOptions, ManifestRecord, StoredList } from '@podwright/contracts'
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
  const { all, platform, annotations, artifactType, signal } = options
  const changes = { platform, annotations, artifactType, signal }
  const here = isPlace(member) ? undefined : findLocalImage(storage, member)
  if (here !== undefined) return storage.addToList(name, here.name, { ...changes, all })
  let list: StoredList | undefined
  const { members, repository } = await distantMembers(parts, member, options)
  for (const record of members) {
    list = await storage.addToList(name, record, { ...changes, repository, platform: { ...record.descriptor.platform, ...platform } })
  }
  return list ?? (await requireList(storage, typed)).list
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
