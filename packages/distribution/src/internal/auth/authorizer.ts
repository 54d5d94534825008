import { type Clock, isPodwrightError } from '@podwright/conventions'
import type { Credentials, CredentialSource } from '../../credentials.ts'
import type { Answer, Request } from '../http/exchange.ts'
import { basicAuthorization } from './basic.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import type { Token } from './token.ts'

/** For whom and what a request is. */
export interface AuthorizationTarget {
  readonly registry: string
  readonly repository?: string | undefined
  /** `repository:NAME:pull,push`; several for a mount. */
  readonly scopes: readonly string[]
  /** The registry's own address: what leads elsewhere gets no credentials. */
  readonly origin: string
}

/** An answer, and whether anybody in particular asked for it. */
export interface AuthorizedAnswer {
  readonly answer: Answer
  readonly identified: boolean
}

/** Sends requests with the authorization that the registry wants. */
export interface Authorizer {
  send(target: AuthorizationTarget, request: Request): Promise<AuthorizedAnswer>
}

/** What an authorizer is made of. */
export interface AuthorizerComponents {
  readonly credentials: CredentialSource
  readonly clock: Clock
  readonly transmit: (request: Request) => Promise<Answer>
}

/** The first answer to a challenge, and one more where the registry then names another scope. */
const roundsMaximum = 2

export function createAuthorizer({ credentials, clock, transmit }: AuthorizerComponents): Authorizer {
  /** What each registry asked for last, so that the next request need not be refused first. */
  const challenges = new Map<string, Challenge>()
  const tokens = new Map<string, Token>()
  /** Tokens on their way: several requests for one scope ask once. */
  const pending = new Map<string, Promise<Token>>()
  /** Identity tokens that a token server replaced, by the one that it gave up. */
  const renewed = new Map<string, string>()

  const tokenFor = async (
    target: AuthorizationTarget,
    challenge: Challenge,
    who: Credentials | undefined,
    request: Request,
  ): Promise<string> => {
    const scopes = scopesOf(target, challenge)
    const { realm, service } = challenge.parameters
    const key = JSON.stringify([target.origin, target.repository, realm, service, scopes])
    for (let others = pending.get(key); others !== undefined; others = pending.get(key)) {
      // Its failure is everybody's, but that its own caller gave up is not.
      await others.catch((error: unknown) => {
        if (isPodwrightError(error)) throw error
      })
      request.signal?.throwIfAborted()
    }
    const kept = tokens.get(key)
    if (kept !== undefined && kept.expiresAt > clock.now()) return kept.value
    const { tlsVerify, signal } = request
    const asked = { challenge, scopes, credentials: current(who), registry: target.registry, registryUrl: request.url, tlsVerify, signal }
    const fetched = import('./token.ts').then(({ fetchToken }) => fetchToken(asked, transmit, clock.now()))
    pending.set(key, fetched)
    try {
      const token = await fetched
      tokens.set(key, token)
      if (who?.type === 'identity' && token.refreshToken !== undefined) renewed.set(who.identityToken, token.refreshToken)
      return token.value
    } finally {
      if (pending.get(key) === fetched) pending.delete(key)
    }
  }

  const current = (who: Credentials | undefined): Credentials | undefined => {
    const next = who?.type === 'identity' ? renewed.get(who.identityToken) : undefined
    return who?.type === 'identity' && next !== undefined ? { ...who, identityToken: next } : who
  }

  const authorizationFor = async (target: AuthorizationTarget, request: Request): Promise<string | undefined> => {
    const challenge = challenges.get(target.origin)
    if (challenge === undefined) return undefined
    const who = await credentials.find(target.registry, target.repository, { signal: request.signal })
    if (challenge.scheme === 'basic') return who?.type === 'basic' ? basicAuthorization(who) : undefined
    if (who?.type === 'bearer') return `Bearer ${who.registryToken}`
    return `Bearer ${await tokenFor(target, challenge, who, request)}`
  }

  return {
    send: async (target, request) => {
      if (request.url.origin !== target.origin) return { answer: await transmit(request), identified: false }
      let authorization = await authorizationFor(target, request)
      for (let round = 0; ; round++) {
        const headers = authorization === undefined ? request.headers : { ...request.headers, authorization }
        const answer = await transmit({ ...request, headers })
        const challenge = answer.status === 401 && round < roundsMaximum ? chooseChallenge(answer, target) : undefined
        const identified = authorization !== undefined
        if (challenge === undefined) return { answer, identified }
        challenges.set(target.origin, challenge)
        forget(tokens, authorization)
        const next = await authorizationFor(target, request)
        if (next === undefined || next === authorization) return { answer, identified }
        await answer.discard()
        authorization = next
      }
    },
  }
}

/** Bearer before Basic: where both are offered, a token says less. What was answered by a host that it was redirected to is not ours to answer. */
function chooseChallenge(answer: Answer, target: AuthorizationTarget): Challenge | undefined {
  if (answer.url.origin !== target.origin) return undefined
  const offered = parseChallenges(answer.header('www-authenticate') ?? '')
  return offered.find(({ scheme }) => scheme === 'bearer') ?? offered.find(({ scheme }) => scheme === 'basic')
}

function scopesOf(target: AuthorizationTarget, challenge: Challenge): string[] {
  const asked = challenge.parameters['scope']?.split(' ').filter(Boolean) ?? []
  const about = asked.filter(
    (scope) => !target.scopes.includes(scope) && target.repository !== undefined && scope.includes(`:${target.repository}:`),
  )
  return [...new Set([...target.scopes, ...(target.scopes.length === 0 ? asked : about)])]
}

function forget(tokens: Map<string, Token>, authorization: string | undefined): void {
  for (const [key, { value }] of tokens) if (`Bearer ${value}` === authorization) tokens.delete(key)
}
