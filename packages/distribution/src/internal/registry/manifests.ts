import type { ManifestRecord } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type Digest, digestAlgorithm, digestOf, isDigest, loadDigestAlgorithm, parseDigest, parseManifest } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import type { Repository } from '../../registry-client.ts'
import type { Answer } from '../http/exchange.ts'
import { acceptedManifests, manifestPath } from './manifest-path.ts'
import { packedBy, perform, performAndRead, protocolError, type Session, subjectOf } from './session.ts'

/** distribution-spec v1.1, "Pushing Manifests": registries must take 4 MiB, and may refuse more. */
const manifestMaximumBytes = 4 * 1024 * 1024

export async function getManifest(
  session: Session,
  repository: Repository,
  reference: string,
  { signal }: AbortOptions,
): Promise<ManifestRecord> {
  const operation = `read the manifest of ${subjectOf(repository, reference)}`
  const asked = {
    operation,
    method: 'GET',
    path: manifestPath(repository, reference),
    target: repository,
    headers: { accept: acceptedManifests },
    expected: [200],
    signal,
  } as const
  const { answer, bytes } = await performAndRead(session, asked, manifestMaximumBytes)
  const contentType = answer.header('content-type')
  const packed = packedBy(answer)
  if (packed !== undefined && !startsLikeJson(bytes)) {
    throw protocolError(answer, operation, `it comes packed by ${packed}, which was not asked for`)
  }
  const digest = await verifiedDigest(bytes, reference, answer, operation)
  const { mediaType } = parseManifest(bytes, contentType)
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes }
}

/** White space or a brace. */
function startsLikeJson([first]: Uint8Array): boolean {
  return first === undefined || [0x09, 0x0a, 0x0d, 0x20, 0x7b].includes(first)
}

/** The bytes' digest: of the algorithm asked for, held against what was asked for and what the registry announces. */
async function verifiedDigest(bytes: Uint8Array, reference: string, answer: Answer, operation: string): Promise<Digest> {
  const announced = answer.header('docker-content-digest')
  const wanted = reference.includes(':') ? parseDigest(reference) : undefined
  for (const expected of [announced, wanted]) {
    if (!isDigest(expected)) continue
    const algorithm = digestAlgorithm(expected)
    await loadDigestAlgorithm(algorithm)
    const found = digestOf(bytes, algorithm)
    if (found === expected) continue
    throw new DistributionError(
      'ERR_MANIFEST_DIGEST_MISMATCH',
      `cannot ${operation}: its ${bytes.byteLength} bytes have the digest ${found}, not ${expected} as ${expected === wanted ? 'asked for' : 'the registry says'}`,
      { details: { expected, found } },
    )
  }
  return wanted ?? (isDigest(announced) ? announced : digestOf(bytes))
}

/** What a registry said to a manifest. */
export interface PutManifest {
  /** Whether it lists it among what refers to its subject; so said by OCI-Subject. */
  readonly tracksSubject: boolean
}

export async function putManifest(
  session: Session,
  repository: Repository,
  reference: string,
  { descriptor, bytes }: ManifestRecord,
  { signal }: AbortOptions,
): Promise<PutManifest> {
  const operation = `write the manifest of ${subjectOf(repository, reference)}`
  const answer = await perform(session, {
    operation,
    method: 'PUT',
    path: manifestPath(repository, reference),
    target: repository,
    actions: ['pull', 'push'],
    headers: { 'content-type': descriptor.mediaType },
    body: { bytes },
    expected: [200, 201, 202],
    signal,
  })
  await answer.discard()
  const stored = answer.header('docker-content-digest')
  if (!isDigest(stored) || digestAlgorithm(stored) !== digestAlgorithm(descriptor.digest) || stored === descriptor.digest) {
    return { tracksSubject: answer.header('oci-subject') !== undefined }
  }
  throw new DistributionError(
    'ERR_MANIFEST_DIGEST_MISMATCH',
    `cannot ${operation}: the registry keeps it as ${stored}, not as ${descriptor.digest}`,
    {
      details: { expected: descriptor.digest, found: stored },
    },
  )
}
