import type { OpenBlob } from '@podwright/contracts'
import { emitProgress, isPodwrightError, messageOf } from '@podwright/conventions'
import { type Descriptor, loadDigestAlgorithm, digestAlgorithm } from '@podwright/oci'
import type { Repository, UploadBlobOptions } from '../../registry-client.ts'
import type { Answer } from '../http/exchange.ts'
import { backoff } from '../http/retry.ts'
import { verifiedChunks } from '../verified-chunks.ts'
import { hasBlob } from './blobs.ts'
import { perform, protocolError, type Session, subjectOf } from './session.ts'

/** Sends a blob: taken over from another repository where the registry can, else in one PUT; from its beginning again when that breaks. */
export async function putBlob(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  open: OpenBlob,
  options: UploadBlobOptions,
): Promise<void> {
  for (const from of options.mountFrom ?? []) {
    if (from !== repository.repository && (await mountBlob(session, repository, descriptor, from, options.signal))) return
  }
  await loadDigestAlgorithm(digestAlgorithm(descriptor.digest))
  for (let attempt = 0; ; attempt++) {
    try {
      await uploadOnce(session, repository, descriptor, open, options)
      return
    } catch (error) {
      options.signal?.throwIfAborted()
      if (attempt >= session.policy.retries || !isPodwrightError(error) || !error.retryable) throw error
      emitProgress(options.onProgress, { type: 'blob:retry', descriptor, attempt: attempt + 1, reason: messageOf(error) })
      await session.policy.clock.sleep(backoff(session.policy, attempt), options)
      // The answer to the whole blob may be what got lost.
      if (await hasBlob(session, repository, descriptor.digest, options)) return
    }
  }
}

/** distribution-spec v1.1, "Mounting a blob from another repository". @returns whether the registry did it */
async function mountBlob(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  from: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const answer = await perform(session, {
    operation: `take over the blob ${subjectOf(repository, descriptor.digest)} from ${from}`,
    method: 'POST',
    path: `${uploadsPath(repository)}?${new URLSearchParams({ mount: descriptor.digest, from })}`,
    target: repository,
    scopes: [`repository:${repository.repository}:pull,push`, `repository:${from}:pull`],
    body: { bytes: new Uint8Array() },
    // 4xx: it is not there, or not for us; then it is sent.
    expected: [201, 202, 400, 401, 403, 404, 405],
    signal,
  })
  await answer.discard()
  if (answer.status === 202) await cancelUpload(session, repository, answer, signal)
  return answer.status === 201
}

/** The registry began an upload instead of a mount; it is given up so that nothing of it stays. */
async function cancelUpload(session: Session, repository: Repository, answer: Answer, signal: AbortSignal | undefined): Promise<void> {
  const operation = 'give up an upload'
  try {
    const path = uploadLocation(answer, operation)
    const gone = await perform(session, {
      operation,
      method: 'DELETE',
      path,
      target: repository,
      actions: ['pull', 'push'],
      expected: [200, 202, 204, 404, 405],
      signal,
    })
    await gone.discard()
  } catch {
    signal?.throwIfAborted()
    // Registries drop uploads that nobody goes on with.
  }
}

async function uploadOnce(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  open: OpenBlob,
  { signal, onProgress }: UploadBlobOptions,
): Promise<void> {
  const operation = `write the blob ${subjectOf(repository, descriptor.digest)}`
  const common = { operation, target: repository, actions: ['pull', 'push'], signal }
  const started = await perform(session, {
    ...common,
    method: 'POST',
    path: uploadsPath(repository),
    body: { bytes: new Uint8Array() },
    expected: [202],
  })
  await started.discard()
  const location = uploadLocation(started, operation)
  location.searchParams.append('digest', descriptor.digest)
  const answer = await perform(session, {
    ...common,
    method: 'PUT',
    path: location,
    headers: { 'content-type': 'application/octet-stream' },
    body: { sizeBytes: descriptor.size, open: () => verifiedChunks(descriptor, open, operation, { signal, onProgress }) },
    expected: [201, 204],
  })
  await answer.discard()
}

/** Where the registry wants the bytes. Behind a proxy it may believe that it speaks plain HTTP: HTTPS is kept at the same host. */
function uploadLocation(answer: Answer, operation: string): URL {
  const location = URL.parse(answer.header('location') ?? '', answer.url.href)
  if (answer.header('location') === undefined || location === null) {
    throw protocolError(answer, operation, 'the registry does not say where to send it (no Location)')
  }
  if (location.hostname === answer.url.hostname && location.protocol === 'http:' && answer.url.protocol === 'https:') {
    location.protocol = 'https:'
    location.port = answer.url.port
  }
  if (location.protocol !== 'https:' && location.protocol !== answer.url.protocol) {
    throw protocolError(answer, operation, `the registry wants it sent by ${location.protocol}`)
  }
  return location
}

function uploadsPath({ repository }: Repository): string {
  return `/v2/${repository}/blobs/uploads/`
}
