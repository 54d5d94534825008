import type { ClientRequest, IncomingMessage } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { Fetch, FetchRequest, FetchResponse } from '../../fetch.ts'

/**
 * What of fetch is needed here, on Node's own HTTP client: bodies come and go without a stream in between. The built-in fetch can take neither agents, nor
 * with them client certificates and proxies.
 */
export const httpFetch: Fetch = async (url, asked) => {
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    const { method, headers, agent, signal } = asked
    const outgoing = request(url, { method, headers, agent, signal })
    outgoing.once('response', (message) => {
      stopSending(outgoing, message)
      resolve(responseOf(message))
    })
    outgoing.on('error', reject)
    send(outgoing, asked.body, reject)
  })
}

function send(outgoing: ClientRequest, body: FetchRequest['body'], onError: (error: Error) => void): void {
  if (!(body instanceof Readable)) return void outgoing.end(body)
  // Before the request fails of it, with an error that says less.
  body.once('error', onError)
  pipeline(body, outgoing, () => {})
}

/** A server that answers before it has all has made up its mind: the rest is not sent, and the connection is of no more use. */
function stopSending(outgoing: ClientRequest, message: IncomingMessage): void {
  if (!outgoing.writableEnded) message.once('close', () => outgoing.destroy())
}

function responseOf(message: IncomingMessage): FetchResponse {
  return {
    status: message.statusCode ?? 0,
    headers: { get: (name) => headerOf(message, name) },
    body: message as AsyncIterable<Uint8Array>,
  }
}

/** As fetch gives them: several of one name joined by commas. */
function headerOf({ headersDistinct }: IncomingMessage, name: string): string | null {
  return headersDistinct[name.toLowerCase()]?.join(', ') ?? null
}
