import type { Descriptor } from '@podwright/oci'
import type { Repository } from '../../registry-client.ts'
import type { Answer, RequestBody } from '../http/exchange.ts'
import { perform, protocolError, type Session } from './session.ts'

/** An upload that a registry has begun. */
export interface BegunUpload {
  /** Where its next bytes go; may be at another host, and may be secret. */
  readonly location: URL
  /** What the registry has of it. */
  readonly sentBytes: number
  /** Shortest part that it takes, but for the last (OCI-Chunk-Min-Length). */
  readonly chunkMinimumBytes: number
}

/** What the requests of one upload have in common. */
export interface UploadContext {
  readonly session: Session
  readonly repository: Repository
  /** For messages, "cannot …". */
  readonly operation: string
  readonly signal: AbortSignal | undefined
}

/** A part of a blob, with the bytes to send. */
export interface UploadPart {
  readonly start: number
  readonly end: number
  readonly body: RequestBody
}

/**
 * Begins an upload (distribution-spec v1.1, "Pushing blobs").
 *
 * @param from a repository to take the blob from instead
 * @returns `mounted`: the registry had it; undefined: it can't be taken from there
 */
export async function beginUpload(
  context: UploadContext,
  descriptor: Descriptor,
  from?: string,
): Promise<BegunUpload | 'mounted' | undefined> {
  const { session, repository, signal } = context
  const name = repository.repository
  const mount = from === undefined ? '' : `?${new URLSearchParams({ mount: descriptor.digest, from })}`
  const answer = await perform(session, {
    operation: from === undefined ? context.operation : `take over the blob ${descriptor.digest} from ${from} into ${name}`,
    method: 'POST',
    path: `/v2/${name}/blobs/uploads/${mount}`,
    target: repository,
    scopes: [`repository:${name}:pull,push`, ...(from === undefined ? [] : [`repository:${from}:pull`])],
    body: { bytes: new Uint8Array() },
    // 4xx to a mount: it is not there, or not for us; then it is sent.
    expected: from === undefined ? [201, 202] : [201, 202, 400, 401, 403, 404, 405],
    signal,
  })
  await answer.discard()
  // A registry may find the blob by itself, whether it was told where or not.
  if (answer.status === 201) return 'mounted'
  if (answer.status !== 202) return undefined
  const minimum = Number(answer.header('oci-chunk-min-length') ?? 0)
  return { location: locationOf(answer, context.operation), sentBytes: 0, chunkMinimumBytes: minimum > 0 ? minimum : 0 }
}

/** Asks how far an upload got. @returns undefined when the registry knows it no more */
export async function uploadStatus(context: UploadContext, upload: BegunUpload): Promise<BegunUpload | undefined> {
  const answer = await performUpload(context, { method: 'GET', path: upload.location, expected: [200, 202, 204, 400, 404, 405, 410, 416] })
  await answer.discard()
  const sentBytes = receivedBytes(answer)
  if (answer.status >= 400 || sentBytes === undefined) return undefined
  return { ...upload, sentBytes, location: locationOf(answer, context.operation, upload.location) }
}

/** Sends a part. A whole blob goes as docker sends it, without saying which part it is. */
export async function sendPart(context: UploadContext, upload: BegunUpload, part: UploadPart, sizeBytes: number): Promise<BegunUpload> {
  const isWhole = part.start === 0 && part.end === sizeBytes
  const answer = await performUpload(context, {
    method: 'PATCH',
    path: upload.location,
    headers: { 'content-type': 'application/octet-stream', ...(!isWhole && { 'content-range': `${part.start}-${part.end - 1}` }) },
    body: part.body,
    // 202 by the specification, 204 of old ones.
    expected: [200, 202, 204],
  })
  await answer.discard()
  const received = receivedBytes(answer) ?? 0
  // One that says nonsense is believed to have what it took; the digest tells in the end.
  const sentBytes = received > part.start && received < part.end ? received : part.end
  return { ...upload, sentBytes, location: locationOf(answer, context.operation, upload.location) }
}

/** Ends an upload, with its last bytes or all of them where there are some left. */
export async function endUpload(context: UploadContext, upload: BegunUpload, descriptor: Descriptor, body: RequestBody): Promise<void> {
  const path = new URL(upload.location)
  // As it is: a query that is written anew may no more be the one that was signed.
  path.search += `${path.search === '' ? '?' : '&'}digest=${encodeURIComponent(descriptor.digest)}`
  const headers = { 'content-type': 'application/octet-stream' }
  const answer = await performUpload(context, { method: 'PUT', path, headers, body, expected: [200, 201, 204] })
  await answer.discard()
}

/** Gives an upload up, so that nothing of it stays at the registry. */
export async function cancelUpload(context: UploadContext, upload: BegunUpload): Promise<void> {
  try {
    const answer = await performUpload(context, { method: 'DELETE', path: upload.location, expected: [200, 202, 204, 404, 405] })
    await answer.discard()
  } catch {
    context.signal?.throwIfAborted()
    // Registries drop uploads that nobody goes on with.
  }
}

type UploadRequest = Pick<Parameters<typeof perform>[1], 'method' | 'path' | 'headers' | 'body' | 'expected'>

function performUpload({ session, repository, operation, signal }: UploadContext, request: UploadRequest): Promise<Answer> {
  return perform(session, { ...request, operation, target: repository, actions: ['pull', 'push'], signal })
}

/** `0-99` are 100 bytes. `0-0` is said of nothing as well as of one byte; who goes on at the wrong one is told so. */
function receivedBytes(answer: Answer): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(answer.header('range')?.trim() ?? '')?.[1]
  if (last === undefined) return undefined
  return last === '0' ? 0 : Number(last) + 1
}

/**
 * Where the registry wants the bytes. Behind a proxy it may believe that it speaks plain HTTP: HTTPS is kept at the same host.
 *
 * @param before what holds when it says nothing new
 */
function locationOf(answer: Answer, operation: string, before?: URL): URL {
  const said = answer.header('location')
  if (said === undefined && before !== undefined) return before
  const location = URL.parse(said ?? '', answer.url.href)
  if (said === undefined || location === null) {
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
