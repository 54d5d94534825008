import { Readable } from 'node:stream'
import type { Fetch, FetchResponse } from '../../fetch.ts'
import { connectionError, isUnknownAuthority } from './connection-error.ts'
import type { Agents } from './agents.ts'
import type { Slots } from './slots.ts'
import { createStallWatch, type StallWatch } from './stall-watch.ts'

/** What is sent beside the headers. `open` gives all of it each time. */
export type RequestBody = { readonly bytes: Uint8Array } | { readonly sizeBytes: number; readonly open: () => AsyncIterable<Uint8Array> }

/** One request, as it goes over the wire. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly tlsVerify: boolean
  readonly body?: RequestBody | undefined
  readonly signal?: AbortSignal | undefined
}

/** What came back. Its body must be read to the end or discarded: until then it holds a connection. */
export interface Answer {
  readonly status: number
  readonly url: URL
  header(name: string): string | undefined
  readonly body: AsyncIterable<Uint8Array>
  /** Gives the connection back; a short rest is read, so that it can be used again. */
  discard(): Promise<void>
}

/** What requests are sent with. */
export interface Connections {
  readonly fetch: () => Promise<Fetch>
  readonly agents: Agents
  readonly slots: Slots
  readonly stallTimeoutMs: number
  readonly userAgent: string
}

/** A rest of an answer that is cheaper to read than a new connection to make. */
const worthReadingBytes = 64 * 1024

const ignore = (): void => {}

/**
 * Sends one request: no redirect, no authorization, no retry. Waits for its turn at the host first.
 *
 * @throws DistributionError `ERR_REGISTRY_UNREACHABLE`, `…_TLS`, `…_CONNECT_TIMEOUT`, `…_STALLED`, `…_INTERRUPTED`; the signal's reason
 */
export async function exchange(connections: Connections, request: Request): Promise<Answer> {
  try {
    return await exchangeOnce(connections, request)
  } catch (error) {
    if (!isUnknownAuthority(error) || !connections.agents.trustSystemAuthorities(request.url)) throw error
    return exchangeOnce(connections, request)
  }
}

async function exchangeOnce(connections: Connections, request: Request): Promise<Answer> {
  const fetch = await connections.fetch()
  const agent = await connections.agents.agentFor(request.url, request.tlsVerify)
  const kind = request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write'
  const release = await connections.slots.acquire(`${kind} ${request.url.host}`, request.signal)
  const watch = createStallWatch(connections.stallTimeoutMs)
  const stop = new AbortController()
  const signals = [stop.signal, watch.signal, ...(request.signal ? [request.signal] : [])]
  try {
    watch.start()
    const response = await fetch(request.url.href, {
      method: request.method,
      headers: headersOf(request, connections.userAgent),
      body: bodyOf(request.body, watch),
      signal: AbortSignal.any(signals),
      redirect: 'manual',
      duplex: 'half',
      agent,
      compress: false,
    })
    watch.stop()
    return answerOf(request, response, { watch, stop, release })
  } catch (error) {
    watch.stop()
    stop.abort()
    release()
    throw failureOf(error, request, watch)
  }
}

function headersOf(request: Request, userAgent: string): Record<string, string> {
  const { body } = request
  const size = body === undefined ? undefined : 'bytes' in body ? body.bytes.byteLength : body.sizeBytes
  return {
    'user-agent': userAgent,
    // A blob's bytes are those of its digest: nothing on the way may pack or unpack them.
    'accept-encoding': 'identity',
    ...(size !== undefined && { 'content-length': String(size) }),
    ...request.headers,
  }
}

function bodyOf(body: RequestBody | undefined, watch: StallWatch): Uint8Array | Readable | undefined {
  if (body === undefined) return undefined
  if ('bytes' in body) return body.bytes
  return Readable.from(watchedUpload(body.open(), watch), { objectMode: false, highWaterMark: worthReadingBytes })
}

/** Time that our own side takes to come up with bytes is not the server's silence. */
async function* watchedUpload(chunks: AsyncIterable<Uint8Array>, watch: StallWatch): AsyncGenerator<Uint8Array> {
  watch.stop()
  for await (const chunk of chunks) {
    watch.start()
    yield chunk
    watch.stop()
  }
  watch.start()
}

interface Held {
  readonly watch: StallWatch
  readonly stop: AbortController
  readonly release: () => void
}

function answerOf(request: Request, response: FetchResponse, held: Held): Answer {
  const source = response.body
  // node-fetch's body emits an error when the signal fires, whether or not anybody reads it.
  if (source instanceof Readable) source.on('error', ignore)
  // A body that nobody began to read would hold its turn for ever.
  request.signal?.addEventListener('abort', held.release, { once: true })
  const finish = (): void => {
    request.signal?.removeEventListener('abort', held.release)
    held.release()
  }
  const cancel = (): void => {
    held.stop.abort()
    finish()
  }
  const body = readBody(source, request, held, finish)
  return {
    status: response.status,
    url: request.url,
    header: (name) => response.headers.get(name) ?? undefined,
    body,
    discard: async () => {
      const length = Number(response.headers.get('content-length') ?? Number.NaN)
      if (source !== null && request.method !== 'HEAD' && !(length <= worthReadingBytes)) return cancel()
      try {
        for await (const _ of body);
      } catch {
        cancel()
      }
    },
  }
}

async function* readBody(
  source: FetchResponse['body'],
  request: Request,
  { watch, stop }: Held,
  finish: () => void,
): AsyncGenerator<Uint8Array> {
  let complete = false
  try {
    if (source !== null) yield* watched(source, watch)
    complete = true
  } catch (error) {
    throw failureOf(error, request, watch)
  } finally {
    watch.stop()
    if (!complete) stop.abort()
    finish()
  }
}

async function* watched(source: AsyncIterable<Uint8Array | string>, watch: StallWatch): AsyncGenerator<Uint8Array> {
  watch.start()
  for await (const chunk of source) {
    watch.stop()
    yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    watch.start()
  }
}

function failureOf(error: unknown, request: Request, watch: StallWatch): unknown {
  if (request.signal?.aborted) return request.signal.reason
  return connectionError(error, request, watch.signal.aborted ? watch.timeoutMs : undefined)
}
