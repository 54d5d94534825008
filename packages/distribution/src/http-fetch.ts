import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import type { Fetch, FetchRequest, FetchResponse } from './fetch.ts'

/**
 * A fetch that is no more than `node:http` or `node:https`, for programs whose start counts: node-fetch takes 10 ms to load. For `createRegistryClient` alone: it follows no redirects,
 * unpacks nothing, and wants an agent.
 */
export const httpFetch: Fetch = async (url, request) => {
  const { request: open } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  return exchange(open, url, request)
}

type Open = (url: string, options: RequestOptions) => ClientRequest

function exchange(open: Open, url: string, { method, headers, body, signal, agent }: FetchRequest): Promise<FetchResponse> {
  return new Promise((resolve, reject) => {
    const sent = open(url, { method, headers, agent, signal })
    // What fails once there is an answer is told by its body.
    sent.on('error', reject)
    sent.once('response', (message) => resolve(responseOf(message)))
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) sent.end(body)
    else send(body, sent, reject)
  })
}

/** What the body's source throws is the reason, and not that the request broke off by it. */
function send(body: Readable, sent: ClientRequest, reject: (reason: unknown) => void): void {
  body.once('error', reject)
  pipeline(body, sent, () => {})
}

function responseOf(message: IncomingMessage): FetchResponse {
  return {
    status: message.statusCode ?? 0,
    headers: {
      get: (name) => {
        const value = message.headers[name.toLowerCase()]
        return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
      },
    },
    body: message,
  }
}
