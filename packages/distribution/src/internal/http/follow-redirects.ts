import { DistributionError } from '../../errors.ts'
import { type Answer, type Connections, exchange, type Request } from './exchange.ts'
import { redactUrl } from './redact-url.ts'

/** Of browsers: 20, of Go's client: 10. */
const redirectsMaximum = 10

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Those that change no method (RFC 9110, section 15.4). */
const unchangedStatuses: ReadonlySet<number> = new Set([307, 308])

/**
 * Sends a request and goes where it is sent on to; what has a body by 307 and 308 only, which ask for it again. Authorization goes to the first origin only, and HTTPS is never left for HTTP.
 *
 * @throws DistributionError `ERR_REGISTRY_PROTOCOL`, and as `exchange`
 */
export async function exchangeFollowing(connections: Connections, first: Request): Promise<Answer> {
  let request = first
  for (let redirects = 0; redirects <= redirectsMaximum; redirects++) {
    const answer = await exchange(connections, request)
    const location = redirectOf(request, answer)
    if (location === undefined) return answer
    await answer.discard()
    request = redirected(first, request, location)
  }
  throw protocolError(first, `it was redirected more than ${redirectsMaximum} times`)
}

function redirectOf({ method }: Request, answer: Answer): string | undefined {
  const statuses = method === 'GET' || method === 'HEAD' ? redirectStatuses : unchangedStatuses
  return statuses.has(answer.status) ? answer.header('location') : undefined
}

function redirected(first: Request, last: Request, location: string): Request {
  const url = URL.parse(location, last.url.href)
  if (url === null) throw protocolError(first, 'it was redirected to what is no URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw protocolError(first, `it was redirected to ${url.protocol}`)
  if (url.protocol === 'http:' && last.url.protocol === 'https:' && first.tlsVerify) {
    throw protocolError(first, `it was redirected from HTTPS to plain HTTP at ${url.host}`)
  }
  const { authorization, ...withoutSecrets } = first.headers
  const trusted = url.origin === first.url.origin && last.url.origin === first.url.origin
  return { ...first, url, headers: trusted && authorization !== undefined ? first.headers : withoutSecrets }
}

function protocolError({ url, method }: Request, reason: string): DistributionError {
  return new DistributionError('ERR_REGISTRY_PROTOCOL', `cannot use the answer of ${url.host}: ${reason}`, {
    details: { host: url.host, url: redactUrl(url), method },
  })
}
