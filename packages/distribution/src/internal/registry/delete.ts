import { type AbortOptions, isPodwrightError, type PodwrightError } from '@podwright/conventions'
import { type Digest, parseDigest } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import type { DeleteManifestOptions, Repository } from '../../registry-client.ts'
import { blobPath } from './blobs.ts'
import { manifestPath } from './manifest-path.ts'
import { removeReferrer } from './referrers-tag.ts'
import { perform, type Session, subjectOf } from './session.ts'

/** distribution-spec v1.1, "Deleting tags" and "Deleting Manifests". */
export async function deleteManifest(
  session: Session,
  repository: Repository,
  reference: string,
  options: DeleteManifestOptions,
): Promise<void> {
  const operation = `delete ${subjectOf(repository, reference)}`
  try {
    await deleteAt(session, repository, operation, manifestPath(repository, reference), options)
  } catch (error) {
    throw isUnsupported(error, reference.includes(':') ? 'digest' : 'tag') ? unsupported(operation, error, reference.includes(':')) : error
  }
  if (options.subject !== undefined) await removeReferrer(session, repository, options.subject, parseDigest(reference), options)
}

/** distribution-spec v1.1, "Deleting Blobs". */
export async function deleteBlob(session: Session, repository: Repository, digest: Digest, options: AbortOptions): Promise<void> {
  const operation = `delete the blob ${subjectOf(repository, digest)}`
  try {
    await deleteAt(session, repository, operation, blobPath(repository, digest), options)
  } catch (error) {
    throw isUnsupported(error, 'digest') ? unsupported(operation, error, true) : error
  }
}

async function deleteAt(
  session: Session,
  repository: Repository,
  operation: string,
  path: string,
  { signal }: AbortOptions,
): Promise<void> {
  const answer = await perform(session, {
    operation,
    method: 'DELETE',
    path,
    target: repository,
    actions: ['delete'],
    expected: [200, 202, 204],
    signal,
  })
  await answer.discard()
}

/** distribution-spec v1.1: 405, or 400 for tags. Distribution 2 takes a tag for a broken digest. */
function isUnsupported(error: unknown, kind: 'tag' | 'digest'): error is PodwrightError {
  if (!isPodwrightError(error)) return false
  const { status, registryErrors } = error.details
  if (status === 405 || status === 501) return true
  const codes = Array.isArray(registryErrors) ? registryErrors.map((one: { readonly code?: unknown }) => one.code) : []
  return codes.includes('UNSUPPORTED') || (kind === 'tag' && status === 400)
}

function unsupported(operation: string, error: PodwrightError, byDigest: boolean): DistributionError {
  const reason = byDigest ? 'the registry does not delete' : 'the registry does not delete tags'
  return new DistributionError('ERR_REGISTRY_UNSUPPORTED', `cannot ${operation}: ${reason}`, {
    cause: error,
    details: error.details,
    hint: byDigest
      ? "Turn deleting on at the registry (distribution's is REGISTRY_STORAGE_DELETE_ENABLED=true), or delete by its own web page."
      : 'Delete the image by its digest; every tag of it goes with it.',
  })
}
