import { messageOf } from '@podwright/conventions'
import { EngineError } from '../errors.ts'

/** What a URL leads to, as it comes. */
export async function* fetchArchive(url: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new EngineError('ERR_IMAGE_ARCHIVE', `cannot fetch ${redacted(url)}: ${reasonOf(cause)}`, { cause, retryable: true })
  })
  if (!response.ok || response.body === null) {
    throw new EngineError(
      'ERR_IMAGE_ARCHIVE',
      `cannot fetch ${redacted(url)}: the server answered ${response.status} ${response.statusText}`,
      {
        details: { status: response.status },
      },
    )
  }
  yield* response.body
}

/** undici says "fetch failed" and hides why. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)
}

function redacted(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null) return url
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}
