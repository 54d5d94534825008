import { isPodwrightError } from '@podwright/conventions'
import type { Repository } from '../../registry-client.ts'
import type { AuthorizedAnswer, Authorizer } from '../auth/authorizer.ts'
import type { Answer, Connections, Request, RequestBody } from '../http/exchange.ts'
import { exchangeFollowing } from '../http/follow-redirects.ts'
import { redactUrl } from '../http/redact-url.ts'
import { readAtMost } from '../http/read-at-most.ts'
import { backoff, type RetryPolicy, withRetries } from '../http/retry.ts'
import { DistributionError } from '../../errors.ts'
import type { BaseUrls } from './base-urls.ts'

/** What every operation of the client works with. */
export interface Session {
  readonly connections: Connections
  readonly authorizer: Authorizer
  readonly policy: RetryPolicy
  readonly baseUrls: BaseUrls
  readonly tlsVerify: boolean
  readonly uploadPartBytes: number
}

/** One operation at a registry. */
export interface Operation {
  /** For messages, "cannot …": `read the manifest of HOST/NAME:TAG`. */
  readonly operation: string
  readonly method: Request['method']
  /** Below the registry's address, `/v2/…`; or a whole URL, such as an upload location. */
  readonly path: string | URL
  readonly target: Pick<Repository, 'registry' | 'tlsVerify' | 'knownAs'> & { readonly repository?: string | undefined }
  /** What is done to the repository, for tokens. @default ['pull'] */
  readonly actions?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: RequestBody | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether a page of HTML may be what was asked for. @default false */
  readonly anyType?: boolean | undefined
  /** Statuses that are no error. */
  readonly expected: readonly number[]
}

/** Sends an operation; any status that it does not expect is an error. */
export async function perform(session: Session, operation: Operation): Promise<Answer> {
  return (await performAuthorized(session, operation)).answer
}

/** As `perform`; tells also whether anybody in particular asked. */
export async function performAuthorized(session: Session, operation: Operation): Promise<AuthorizedAnswer> {
  const { target } = operation
  const { answer, identified } = await sendAuthorized(session, operation).catch((error: unknown) => {
    throw target.knownAs === undefined ? error : unsent(operation, error)
  })
  if (operation.expected.includes(answer.status)) {
    if (operation.method === 'HEAD' || operation.anyType === true || answer.status >= 400 || !isHtml(answer)) return { answer, identified }
    await answer.discard()
    throw protocolError(answer, operation.operation, 'the answer is a page of HTML: there seems to be no registry at this address')
  }
  const { registry, repository } = target
  const { answerError } = await import('../http/answer-error.ts')
  throw await answerError(answer, { operation: operation.operation, registry, repository, identified })
}

/**
 * Performs an operation whose answer is a document; one that breaks off is asked for again.
 */
export async function performAndRead(
  session: Session,
  operation: Operation,
  maximumBytes: number,
): Promise<{ readonly answer: Answer; readonly bytes: Uint8Array }> {
  const { policy } = session
  for (let attempt = 0; ; attempt++) {
    const answer = await perform(session, operation)
    try {
      return { answer, bytes: await readAtMost(answer, maximumBytes) }
    } catch (error) {
      operation.signal?.throwIfAborted()
      if (attempt >= policy.retries || !isPodwrightError(error) || !error.retryable) throw error
      await policy.clock.sleep(backoff(policy, attempt), { signal: operation.signal })
    }
  }
}

async function sendAuthorized(session: Session, operation: Operation): Promise<AuthorizedAnswer> {
  const { target, path, method, headers = {}, body, signal } = operation
  const tlsVerify = target.tlsVerify ?? session.tlsVerify
  const base = await session.baseUrls.baseUrlOf(target.registry, tlsVerify, signal)
  const url = typeof path === 'string' ? new URL(path, base) : path
  const request: Request = { method, url, headers, tlsVerify, body, signal }
  return await session.authorizer.send(
    { registry: target.registry, repository: target.repository, scopes: scopesOf(operation), origin: base.origin },
    request,
  )
}

/** An error that only knows the host: who asked for another one has to be told why that one was reached for. */
function unsent({ operation }: Operation, error: unknown): unknown {
  if (!(error instanceof DistributionError) || error.message.includes(operation)) return error
  const { code, message, retryable, hint, details } = error
  return new DistributionError(code, `cannot ${operation}: ${message}`, {
    cause: error,
    retryable,
    details,
    ...(hint !== undefined && { hint }),
  })
}

function scopesOf({ target, actions = ['pull'], scopes }: Operation): readonly string[] {
  if (scopes !== undefined) return scopes
  return target.repository === undefined ? [] : [`repository:${target.repository}:${actions.join(',')}`]
}

/** How requests get to a host and answers back: redirects followed, what fails in passing tried again. */
export function createTransmit(connections: Connections, policy: RetryPolicy): (request: Request) => Promise<Answer> {
  return (request) => {
    // A blob that is sent is tried again from the beginning of its upload, not here.
    const streams = request.body !== undefined && 'open' in request.body
    const attempts = streams ? { ...policy, retries: 0 } : policy
    return withRetries(attempts, () => exchangeFollowing(connections, request), request.signal)
  }
}

/** The error for an answer whose status is right and whose content is not. */
export function protocolError(answer: Answer, operation: string, reason: string): DistributionError {
  return new DistributionError('ERR_REGISTRY_PROTOCOL', `cannot ${operation}: ${reason}`, {
    details: { url: redactUrl(answer.url), status: answer.status },
  })
}

/** Whether it is for people to look at, as a proxy's log-in page. */
export function isHtml(answer: Answer): boolean {
  return answer.header('content-type')?.trimStart().toLowerCase().startsWith('text/html') === true
}

/** What an answer says that its bytes are packed by; some say so of what isn't. */
export function packedBy(answer: Answer): string | undefined {
  const encoding = answer.header('content-encoding')?.trim().toLowerCase()
  return encoding === undefined || encoding === '' || encoding === 'identity' ? undefined : encoding
}

/** `registry/repository` and what follows, for messages; known by another name, that, and where it is. */
export function subjectOf({ registry, repository, knownAs }: Repository, reference?: string): string {
  const suffix = reference === undefined ? '' : `${reference.includes(':') ? '@' : ':'}${reference}`
  return knownAs === undefined ? `${registry}/${repository}${suffix}` : `${knownAs}${suffix} at ${registry}/${repository}`
}
