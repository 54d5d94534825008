import type { AddToManifestOptions, ListMember, ManifestRecord, StoredList } from '@podwright/contracts'
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
  for (const found of await distantMembers(parts, member, options))
    list = await storage.addToList(name, found.member, { ...changes, platform: { ...found.platform, ...platform } })
  return list ?? (await requireList(storage, typed)).list
}

interface DistantMember {
  readonly member: ListMember
  readonly platform: ManifestRecord['descriptor']['platform']
}

async function distantMembers(parts: EngineParts, member: string, options: AddToManifestOptions): Promise<readonly DistantMember[]> {
  const { tlsVerify, signal, all } = options
  const typed = member.replace(/^docker:\/\//, '')
  await using access = await openRegistryAccess(parts, parseNamed(typed).registry ?? 'docker.io', options)
  const { source, manifest } = await resolveImage(access, resolveShortName(typed, access.config), {
    config: access.config,
    tlsVerify,
    signal,
  })
  await using opened = source
  const records = await chosenManifests(opened, manifest, { all: all === true, signal })
  return records.map((record) => ({ member: record, platform: record.descriptor.platform }))
}
