import type { Agent } from 'node:http'
import type { Readable } from 'node:stream'

/** What is handed to a `Fetch`. */
export interface FetchRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | Readable | undefined
  readonly signal: AbortSignal
  /** Always `manual`: redirects are followed here, so that credentials stay where they belong. */
  readonly redirect: 'manual'
  /** What WHATWG's fetch wants beside a body that is a stream. */
  readonly duplex: 'half'
  /** What node-fetch takes its connections from; others ignore it. */
  readonly agent: Agent
  /** node-fetch: leave bodies packed as they come. */
  readonly compress: false
}

/** What is used of a response; node-fetch's and WHATWG's have it. */
export interface FetchResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array | string> | null
}

/** A fetch: node-fetch's by default. */
export type Fetch = (url: string, request: FetchRequest) => Promise<FetchResponse>
