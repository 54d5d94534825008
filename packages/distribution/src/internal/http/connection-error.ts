import { isPodwrightError, messageOf } from '@podwright/conventions'
import { DistributionError, type DistributionErrorCode } from '../../errors.ts'
import { redactUrl } from './redact-url.ts'

const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
])

/** What Node's TLS says of a certificate (X509_V_ERR_…, without the prefix), and of a peer that doesn't speak TLS. */
const tlsCode = /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/

const plainHttpCode = /^(?:EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/

/** What a failed connection is called. @param stalledAfterMs set when it was given up for silence */
export function connectionError(
  error: unknown,
  { url, method }: { readonly url: URL; readonly method: string },
  stalledAfterMs?: number,
): unknown {
  if (isPodwrightError(error)) return error
  // WHATWG's fetch wraps what a body that is sent throws.
  if (error instanceof Error && isPodwrightError(error.cause)) return error.cause
  const systemCode = codeOf(error)
  const subject = `cannot reach ${url.host}`
  const make = (code: DistributionErrorCode, reason: string, retryable: boolean, hint?: string): DistributionError =>
    new DistributionError(code, `${subject}: ${reason}`, {
      cause: error,
      retryable,
      details: { host: url.host, url: redactUrl(url), method, ...(systemCode !== undefined && { systemCode }) },
      ...(hint !== undefined && { hint }),
    })
  if (stalledAfterMs !== undefined) {
    return make('ERR_REGISTRY_STALLED', `no byte came for ${stalledAfterMs / 1000} seconds`, true)
  }
  if (systemCode === 'ETIMEDOUT' || systemCode === 'UND_ERR_CONNECT_TIMEOUT') {
    return make('ERR_REGISTRY_CONNECT_TIMEOUT', 'the connection was not made in time', true)
  }
  if (systemCode !== undefined && unreachable.has(systemCode)) {
    return make('ERR_REGISTRY_UNREACHABLE', unreachableReason(systemCode, url), systemCode === 'EAI_AGAIN')
  }
  if (isTlsFailure(systemCode, error)) {
    return make('ERR_REGISTRY_TLS', tlsReason(systemCode, error), false, tlsHint(url))
  }
  return make('ERR_REGISTRY_INTERRUPTED', `the connection broke (${systemCode ?? reasonOf(error)})`, true)
}

/** Whether a certificate's authority is one that Node doesn't know; the system may. */
export function isUnknownAuthority(error: unknown): boolean {
  if (!isPodwrightError(error, 'ERR_REGISTRY_TLS')) return false
  return /^UNABLE_TO_|^SELF_SIGNED_CERT_IN_CHAIN$|^DEPTH_ZERO_SELF_SIGNED_CERT$/.test(String(error.details['systemCode']))
}

/** Whether it is the server that was never reached, or not by TLS: what makes plain HTTP worth a try. */
export function isWithoutTls(error: unknown): boolean {
  return ['ERR_REGISTRY_TLS', 'ERR_REGISTRY_UNREACHABLE', 'ERR_REGISTRY_INTERRUPTED'].some((code) => isPodwrightError(error, code))
}

/** node-fetch has the code on the error, WHATWG's fetch on its cause, and several attempts at one name in an AggregateError. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'cause' in error ? codeOf(error.cause) : undefined
}

function unreachableReason(systemCode: string, url: URL): string {
  if (systemCode === 'ECONNREFUSED') return 'connection refused'
  if (systemCode === 'ENOTFOUND' || systemCode === 'EAI_AGAIN') return `the name ${url.hostname} is not known (${systemCode})`
  return `no way there (${systemCode})`
}

function isTlsFailure(systemCode: string | undefined, error: unknown): boolean {
  if (systemCode !== undefined && tlsCode.test(systemCode)) return true
  return systemCode === 'ECONNRESET' && reasonOf(error).includes('before secure TLS connection')
}

function tlsReason(systemCode: string | undefined, error: unknown): string {
  if (systemCode !== undefined && plainHttpCode.test(systemCode)) return 'the server does not speak TLS; it may speak plain HTTP'
  if (systemCode === 'ECONNRESET') return 'the server closed the connection instead of speaking TLS'
  if (systemCode === 'DEPTH_ZERO_SELF_SIGNED_CERT' || systemCode === 'SELF_SIGNED_CERT_IN_CHAIN') return 'its certificate is self-signed'
  return `its TLS certificate is not trusted (${systemCode}: ${reasonOf(error)})`
}

function tlsHint(url: URL): string {
  return `Put the authority's certificate into /etc/containers/certs.d/${url.host}/ca.crt, or use --tls-verify=false if you trust the network.`
}

/** node-fetch's message quotes the whole URL, which may have a signature in its query. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^request to .* failed, reason: /s, '')
}
