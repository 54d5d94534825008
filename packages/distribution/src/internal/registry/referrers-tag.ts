import type { ManifestRecord } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import {
  describe,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  encodeDocument,
  type ImageIndex,
  mediaTypes,
  OciError,
  type ParsedManifest,
  parseManifest,
} from '@podwright/oci'
import type { Repository } from '../../registry-client.ts'
import { getManifest, putManifest } from './manifests.ts'
import { perform, type Session, subjectOf } from './session.ts'

/** How often the index is written again because somebody else's writing crossed ours. */
const crossingsMaximum = 5

/** distribution-spec v1.1, "Referrers Tag Schema": the tag of an index of what refers to a manifest, for registries before 1.1. */
export function referrersTag(digest: Digest): string {
  return `${digestAlgorithm(digest).slice(0, 32)}-${digestHex(digest).slice(0, 64)}`
}

/** What the tag's index lists; nothing where there is none. */
export async function referrersByTag(
  session: Session,
  repository: Repository,
  digest: Digest,
  options: AbortOptions,
): Promise<readonly Descriptor[]> {
  return (await readIndex(session, repository, digest, options))?.manifests ?? []
}

/** What a manifest refers to. @returns undefined also for what can't be read: a registry takes what we don't know */
export function subjectOfManifest({ bytes, descriptor }: ManifestRecord): Descriptor | undefined {
  const parsed = parseLeniently(bytes, descriptor.mediaType)
  return parsed?.kind === 'manifest' ? parsed.manifest.subject : parsed?.index.subject
}

/**
 * Puts a manifest, and where it refers to another one and the registry doesn't keep track of that, into the index under the other's tag
 * (distribution-spec v1.1, "Pushing Manifests with Subject").
 */
export async function putManifestWithSubject(
  session: Session,
  repository: Repository,
  reference: string,
  manifest: ManifestRecord,
  options: AbortOptions,
): Promise<void> {
  const { tracksSubject } = await putManifest(session, repository, reference, manifest, options)
  const subject = tracksSubject ? undefined : subjectOfManifest(manifest)
  if (subject === undefined) return
  const entry = referrerOf(manifest)
  await editIndex(
    session,
    repository,
    subject.digest,
    (manifests) => {
      return manifests.some(({ digest }) => digest === entry.digest) ? undefined : [...manifests, entry]
    },
    options,
  )
}

/** Takes what was deleted out of its subject's index (distribution-spec v1.1, "Deleting Manifests"), unless the registry keeps track itself. */
export async function removeReferrer(
  session: Session,
  repository: Repository,
  subject: Digest,
  digest: Digest,
  options: AbortOptions,
): Promise<void> {
  if (await hasReferrersApi(session, repository, subject, options)) return
  await editIndex(
    session,
    repository,
    subject,
    (manifests) => {
      const others = manifests.filter((entry) => entry.digest !== digest)
      return others.length === manifests.length ? undefined : others
    },
    options,
  )
}

async function hasReferrersApi(session: Session, repository: Repository, subject: Digest, { signal }: AbortOptions): Promise<boolean> {
  const answer = await perform(session, {
    operation: `list what refers to ${subjectOf(repository, subject)}`,
    method: 'GET',
    path: `/v2/${repository.repository}/referrers/${subject}`,
    target: repository,
    expected: [200, 404],
    signal,
  })
  await answer.discard()
  return answer.status === 200
}

/** @param edit undefined: nothing to change */
async function editIndex(
  session: Session,
  repository: Repository,
  subject: Digest,
  edit: (manifests: readonly Descriptor[]) => readonly Descriptor[] | undefined,
  options: AbortOptions,
): Promise<void> {
  // Registries can't compare and swap: who wrote reads again whether it stayed.
  for (let crossings = 0; crossings <= crossingsMaximum; crossings++) {
    const index = await readIndex(session, repository, subject, options)
    const manifests = edit(index?.manifests ?? [])
    if (manifests === undefined) return
    const bytes = encodeDocument({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, ...index, manifests })
    await putManifest(session, repository, referrersTag(subject), { descriptor: describe(bytes, mediaTypes.ociIndex), bytes }, options)
  }
}

async function readIndex(
  session: Session,
  repository: Repository,
  subject: Digest,
  options: AbortOptions,
): Promise<ImageIndex | undefined> {
  try {
    const { bytes, descriptor } = await getManifest(session, repository, referrersTag(subject), options)
    const parsed = parseManifest(bytes, descriptor.mediaType)
    return parsed.kind === 'index' ? parsed.index : undefined
  } catch (error) {
    if (isPodwrightError(error, 'ERR_REGISTRY_NOT_FOUND')) return undefined
    throw error
  }
}

/** A descriptor as an index of referrers has it: with the type and the annotations of what it describes. */
function referrerOf({ descriptor, bytes }: ManifestRecord): Descriptor {
  const parsed = parseLeniently(bytes, descriptor.mediaType)
  const { mediaType, digest, size } = descriptor
  const { annotations, artifactType } =
    parsed === undefined
      ? {}
      : parsed.kind === 'index'
        ? parsed.index
        : { artifactType: parsed.manifest.config.mediaType, ...parsed.manifest }
  return { mediaType, digest, size, ...(artifactType !== undefined && { artifactType }), ...(annotations !== undefined && { annotations }) }
}

function parseLeniently(bytes: Uint8Array, mediaType: string): ParsedManifest | undefined {
  try {
    return parseManifest(bytes, mediaType)
  } catch (error) {
    if (error instanceof OciError) return undefined
    throw error
  }
}
