import * as z from 'zod/mini'
import type { Credentials } from '../../credentials.ts'
import { DistributionError } from '../../errors.ts'
import { answerError } from '../http/answer-error.ts'
import type { Answer, Request } from '../http/exchange.ts'
import { readAtMost } from '../http/read-at-most.ts'
import { orElse, readJson } from '../read-json.ts'
import { basicAuthorization } from './basic.ts'
import type { Challenge } from './challenge.ts'

/** What a token server gave. */
export interface Token {
  readonly value: string
  /** What to ask for the next one with, where the server gave a new one. */
  readonly refreshToken?: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** What is asked of a token server. */
export interface TokenRequest {
  readonly challenge: Challenge
  readonly scopes: readonly string[]
  readonly credentials: Credentials | undefined
  readonly registry: string
  readonly registryUrl: URL
  readonly tlsVerify: boolean
  readonly signal: AbortSignal | undefined
}

/** "Token Authentication Specification" of distribution: 60 seconds unless the server says otherwise. */
const defaultLifetimeSeconds = 60
/** A token is not used in its last seconds: it must outlive the way to the registry. */
const marginMs = 5_000
const tokenMaximumBytes = 1024 * 1024

/** Token servers that know one way only say so by one of these; some say to POST that nobody may (401), or that it is nonsense (400). */
const otherWayStatuses: Readonly<Record<'GET' | 'POST', ReadonlySet<number>>> = {
  GET: new Set([404, 405]),
  POST: new Set([400, 401, 404, 405]),
}

/**
 * Asks a token server, by GET (distribution's "Token Authentication Specification"), or for an identity token by POST (its OAuth 2 variant); where it
 * doesn't know that way and the other can be gone, too, by the other.
 *
 * @throws DistributionError `ERR_REGISTRY_UNAUTHORIZED` when it refuses, `ERR_REGISTRY_PROTOCOL`, and as the exchange
 */
export async function fetchToken(asked: TokenRequest, transmit: (request: Request) => Promise<Answer>, now: number): Promise<Token> {
  const realm = realmOf(asked)
  const [first, second] = waysOf(asked, realm) as [Request, Request?]
  let answer = await transmit(first)
  if (second !== undefined && otherWayStatuses[first.method === 'GET' ? 'GET' : 'POST'].has(answer.status)) {
    const refused = answer
    answer = await transmit(second)
    await refused.discard()
  }
  if (answer.status !== 200) {
    throw await answerError(answer, { operation: `get a token for ${asked.registry} from ${realm.host}`, registry: asked.registry })
  }
  return parseToken(await readAtMost(answer, tokenMaximumBytes), realm, now)
}

/** How to ask, the usual way first. */
function waysOf(asked: TokenRequest, realm: URL): Request[] {
  const { credentials } = asked
  if (credentials?.type === 'basic') return [simpleRequest(asked, realm), grantRequest(asked, realm)]
  if (credentials?.type !== 'identity') return [simpleRequest(asked, realm)]
  const { username, identityToken } = credentials
  const withPassword = username ? { ...asked, credentials: { type: 'basic', username, password: identityToken } as const } : undefined
  return [grantRequest(asked, realm), ...(withPassword === undefined ? [] : [simpleRequest(withPassword, realm)])]
}

function realmOf({ challenge, registry, registryUrl, tlsVerify }: TokenRequest): URL {
  const realm = URL.parse(challenge.parameters['realm'] ?? '')
  if (realm === null || !/^https?:$/.test(realm.protocol)) {
    throw new DistributionError('ERR_REGISTRY_PROTOCOL', `cannot log in at ${registry}: it names no token server that can be used`)
  }
  if (realm.protocol === 'http:' && registryUrl.protocol === 'https:' && tlsVerify) {
    throw new DistributionError(
      'ERR_REGISTRY_PROTOCOL',
      `cannot log in at ${registry}: its token server ${realm.host} would be spoken to without TLS`,
    )
  }
  return realm
}

function simpleRequest({ challenge, scopes, credentials, tlsVerify, signal }: TokenRequest, realm: URL): Request {
  const url = new URL(realm)
  const service = challenge.parameters['service']
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  if (credentials?.type !== 'basic') return { method: 'GET', url, headers: {}, tlsVerify, signal }
  url.searchParams.set('account', credentials.username)
  return { method: 'GET', url, headers: { authorization: basicAuthorization(credentials) }, tlsVerify, signal }
}

/** RFC 6749, sections 4.3 and 6. */
function grantRequest({ challenge, scopes, credentials, tlsVerify, signal }: TokenRequest, realm: URL): Request {
  const grant: Record<string, string> =
    credentials?.type === 'basic'
      ? { grant_type: 'password', username: credentials.username, password: credentials.password }
      : { grant_type: 'refresh_token', refresh_token: credentials?.type === 'identity' ? credentials.identityToken : '' }
  const form = new URLSearchParams({
    ...grant,
    service: challenge.parameters['service'] ?? '',
    client_id: 'podwright',
    scope: scopes.join(' '),
  })
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: { bytes: new TextEncoder().encode(form.toString()) },
    tlsVerify,
    signal,
  }
}

/** "Token Authentication Specification" of distribution, "Token Response Fields". */
function tokenAnswer() {
  return z.object({
    token: z.nullish(z.string()),
    access_token: orElse(z.nullish(z.string()), undefined),
    refresh_token: orElse(z.optional(z.string().check(z.minLength(1))), undefined),
    expires_in: orElse(z.number().check(z.positive()), defaultLifetimeSeconds),
  })
}

function parseToken(bytes: Uint8Array, realm: URL, now: number): Token {
  const answer = readJson(tokenAnswer(), bytes)
  const value = answer?.token ?? answer?.access_token ?? ''
  // What stands in a header must not end it.
  if (answer === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw new DistributionError('ERR_REGISTRY_PROTOCOL', `cannot use the answer of the token server ${realm.host}: there is no token in it`)
  }
  return { value, refreshToken: answer.refresh_token, expiresAt: now + answer.expires_in * 1000 - marginMs }
}
