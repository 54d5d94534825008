import * as z from 'zod/mini'
import { DistributionError, type DistributionErrorCode } from '../../errors.ts'
import { orElse, readJson } from '../read-json.ts'
import type { Answer } from './exchange.ts'
import { readBeginning } from './read-at-most.ts'
import { redactUrl } from './redact-url.ts'

/** What was tried, for the message: "cannot OPERATION: …". */
export interface AnswerErrorContext {
  readonly operation: string
  readonly registry: string
  readonly repository?: string | undefined
  /** Whether credentials were sent. */
  readonly identified?: boolean | undefined
}

const quotedMaximumBytes = 64 * 1024
const shownCharacters = 300

/** The error for an answer that is none of those expected; reads its body. */
export async function answerError(answer: Answer, context: AnswerErrorContext): Promise<DistributionError> {
  const body = new TextDecoder().decode(await readBeginning(answer, quotedMaximumBytes))
  const registryErrors = readJson(errorDocument(), body)?.errors.filter((error) => error !== null) ?? []
  const code = codeOf(answer.status)
  const said = registryErrors.map((error) => [error.code, error.message].filter(Boolean).join(': ')).join('; ') || plainText(body, answer)
  const retryAfter = answer.header('retry-after')
  const hint = hintFor(code, context)
  return new DistributionError(code, `cannot ${context.operation}: ${reasonFor(code, answer.status)}${said === '' ? '' : ` (${said})`}`, {
    retryable: code === 'ERR_REGISTRY_RATE_LIMITED' || code === 'ERR_REGISTRY_SERVER',
    details: {
      registry: context.registry,
      ...(context.repository !== undefined && { repository: context.repository }),
      status: answer.status,
      url: redactUrl(answer.url),
      registryErrors,
      body,
      ...(retryAfter !== undefined && { retryAfter }),
    },
    ...(hint !== undefined && { hint }),
  })
}

function codeOf(status: number): DistributionErrorCode {
  if (status === 401) return 'ERR_REGISTRY_UNAUTHORIZED'
  if (status === 403) return 'ERR_REGISTRY_DENIED'
  if (status === 404) return 'ERR_REGISTRY_NOT_FOUND'
  if (status === 429) return 'ERR_REGISTRY_RATE_LIMITED'
  if (status >= 500) return 'ERR_REGISTRY_SERVER'
  return status >= 400 ? 'ERR_REGISTRY_REJECTED' : 'ERR_REGISTRY_PROTOCOL'
}

function reasonFor(code: DistributionErrorCode, status: number): string {
  const reasons: Partial<Record<DistributionErrorCode, string>> = {
    ERR_REGISTRY_UNAUTHORIZED: 'authentication is required or was refused',
    ERR_REGISTRY_DENIED: 'access is denied',
    ERR_REGISTRY_NOT_FOUND: 'it is not there',
    ERR_REGISTRY_RATE_LIMITED: 'too many requests',
    ERR_REGISTRY_SERVER: 'the registry failed',
    ERR_REGISTRY_REJECTED: 'the registry refused it',
    ERR_REGISTRY_PROTOCOL: 'the answer is not what a registry gives',
  }
  return `${reasons[code] ?? 'it failed'}, HTTP ${status}`
}

function hintFor(code: DistributionErrorCode, { registry, identified }: AnswerErrorContext): string | undefined {
  if (code === 'ERR_REGISTRY_UNAUTHORIZED') {
    const login = `podwright login ${registry}`
    return identified === true
      ? `The stored credentials may be outdated, or the repository may not exist. Log in again: ${login}`
      : `The repository may not exist, or may want a login: ${login}`
  }
  if (code === 'ERR_REGISTRY_DENIED' && identified !== true) return `Log in: podwright login ${registry}`
  if (code === 'ERR_REGISTRY_RATE_LIMITED') return `Wait, or log in for a higher limit: podwright login ${registry}`
  return undefined
}

/** distribution-spec v1.1, "Error Codes". Servers leave out what they like. */
function errorDocument() {
  const text = orElse(z.string(), '')
  const error = z.object({ code: text, message: text })
  return z.object({ errors: z.array(orElse(z.nullable(error), null)) })
}

/** Text that a server says instead of an error document; a page of HTML says nothing to a terminal. */
function plainText(body: string, answer: Answer): string {
  if (answer.header('content-type')?.startsWith('text/html') === true || body.trimStart().startsWith('<'))
    return 'it answered a page of HTML'
  // Control characters could play with the terminal.
  return body
    .trim()
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, shownCharacters)
}
