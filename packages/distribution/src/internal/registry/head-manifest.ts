import type { AbortOptions } from '@podwright/conventions'
import { type Descriptor, isDigest } from '@podwright/oci'
import type { Repository } from '../../registry-client.ts'
import { acceptedManifests, manifestPath } from './manifest-path.ts'
import { perform, type Session, subjectOf } from './session.ts'

export async function headManifest(
  session: Session,
  repository: Repository,
  reference: string,
  { signal }: AbortOptions,
): Promise<Descriptor | undefined> {
  const answer = await perform(session, {
    operation: `ask for the manifest of ${subjectOf(repository, reference)}`,
    method: 'HEAD',
    path: manifestPath(repository, reference),
    target: repository,
    headers: { accept: acceptedManifests },
    expected: [200, 404],
    signal,
  })
  await answer.discard()
  const digest = answer.header('docker-content-digest') ?? (reference.includes(':') ? reference : undefined)
  const size = Number(answer.header('content-length') ?? Number.NaN)
  const mediaType = answer.header('content-type')?.split(';', 1)[0]?.trim()
  if (answer.status === 404 || !isDigest(digest) || !Number.isSafeInteger(size) || mediaType === undefined) return undefined
  return { mediaType, digest, size }
}
