import type { BlobStream, OpenBlobOptions } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { Descriptor, Digest } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import type { Repository } from '../../registry-client.ts'
import type { Answer } from '../http/exchange.ts'
import { isHtml, packedBy, perform, protocolError, type Session, subjectOf } from './session.ts'

export async function hasBlob(session: Session, repository: Repository, digest: Digest, { signal }: AbortOptions): Promise<boolean> {
  const answer = await perform(session, {
    operation: `ask for the blob ${subjectOf(repository, digest)}`,
    method: 'HEAD',
    path: blobPath(repository, digest),
    target: repository,
    expected: [200, 404],
    signal,
  })
  await answer.discard()
  return answer.status === 200
}

export async function openBlob(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  options: OpenBlobOptions,
): Promise<BlobStream> {
  const { offset = 0, signal } = options
  if (offset > 0 && offset >= descriptor.size) return { offset: descriptor.size, chunks: nothing() }
  const operation = `read the blob ${subjectOf(repository, descriptor.digest)}`
  const answer = await perform(session, {
    operation,
    method: 'GET',
    path: blobPath(repository, descriptor.digest),
    target: repository,
    headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
    // A server goes by whatever it takes the bytes for.
    anyType: true,
    expected: offset > 0 ? [200, 206, 416] : [200],
    signal,
  })
  if (answer.status === 416) {
    await answer.discard()
    return openBlob(session, repository, descriptor, { signal })
  }
  return blobStream(answer, descriptor, operation)
}

/** The blob in an answer of 200 or 206. */
export async function blobStream(answer: Answer, descriptor: Descriptor, operation: string): Promise<BlobStream> {
  const offset = answer.status === 206 ? rangeStart(answer) : 0
  const length = answer.header('content-length')
  const announced = length === undefined ? undefined : Number(length) + (offset ?? 0)
  const isRight = offset !== undefined && announced === descriptor.size
  const reason = isRight ? undefined : reasonToDoubt(answer, offset)
  if (reason !== undefined || (announced !== undefined && !isRight)) await answer.discard()
  if (reason !== undefined) throw protocolError(answer, operation, reason)
  if (announced !== undefined && !isRight) throw sizeMismatch(operation, descriptor, `the server announces ${announced}`)
  return { offset: offset ?? 0, chunks: counted(answer.body, offset ?? 0, descriptor, operation) }
}

/** Why an answer whose length doesn't speak for it can't be the blob. */
function reasonToDoubt(answer: Answer, offset: number | undefined): string | undefined {
  if (offset === undefined) return 'the answer does not say which part of the blob it is'
  const packed = packedBy(answer)
  if (packed !== undefined) return `it comes packed by ${packed}, which was not asked for`
  return isHtml(answer) ? 'the answer is a page of HTML' : undefined
}

/** RFC 9110, section 14.4: `bytes 5-9/10`. */
function rangeStart(answer: Answer): number | undefined {
  const start = /^bytes (\d+)-/.exec(answer.header('content-range') ?? '')?.[1]
  return start === undefined ? undefined : Number(start)
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  offset: number,
  descriptor: Descriptor,
  operation: string,
): AsyncGenerator<Uint8Array> {
  let position = offset
  for await (const chunk of chunks) {
    position += chunk.byteLength
    if (position > descriptor.size) throw sizeMismatch(operation, descriptor, 'more came')
    yield chunk
  }
  if (position === descriptor.size) return
  throw new DistributionError('ERR_BLOB_TRUNCATED', `cannot ${operation}: it ended after ${position} of ${descriptor.size} bytes`, {
    retryable: true,
    details: { digest: descriptor.digest, expectedBytes: descriptor.size, foundBytes: position },
  })
}

function sizeMismatch(operation: string, descriptor: Descriptor, found: string): DistributionError {
  return new DistributionError('ERR_BLOB_SIZE_MISMATCH', `cannot ${operation}: it should have ${descriptor.size} bytes, ${found}`, {
    details: { digest: descriptor.digest, expectedBytes: descriptor.size },
  })
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

export function blobPath({ repository }: Repository, digest: Digest): string {
  return `/v2/${repository}/blobs/${digest}`
}
