import type { IncomingMessage } from 'node:http'
import type { RegistryContent } from './content.ts'
import { answerToCatalogue, answerToReferrers, answerToTags } from './lists.ts'
import { answerToManifest } from './manifests.ts'
import { answerToUpload } from './uploads.ts'

/** What goes over the wire. */
export interface ScriptedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Uint8Array | string
}

/** A request, taken apart. */
export interface ScriptedRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: Uint8Array
  /** The repository. */
  readonly name: string
  /** What follows the kind: a tag, a digest, an upload. */
  readonly reference: string
}

/** The registry's own answer. */
export function answerTo(
  content: RegistryContent,
  { method = '', url: path = '', headers }: IncomingMessage,
  body: Uint8Array,
): ScriptedAnswer {
  const url = new URL(path, 'http://registry')
  const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.*)$/.exec(url.pathname) ?? []
  const request = { method, url, headers, body, name: name.replace(/\/blobs$/, ''), reference }
  if (url.pathname === '/v2/') return answer(200, '{}')
  if (url.pathname === '/v2/_catalog') return answerToCatalogue(content, request)
  if (kind === 'manifests') return answerToManifest(content, request)
  if (kind === 'tags') return answerToTags(content, request)
  if (kind === 'referrers' && content.referrersApi) return answerToReferrers(content, request)
  if (kind !== 'blobs') return refusal(404, 'NOT_FOUND')
  return reference.startsWith('uploads/') ? answerToUpload(content, request) : answerToBlob(content, request)
}

export function answer(status: number, body: Uint8Array | string = '', headers: ScriptedAnswer['headers'] = {}): ScriptedAnswer {
  return { status, headers, body }
}

/** distribution-spec v1.1, "Error Codes". */
export function refusal(status: number, code: string, headers: ScriptedAnswer['headers'] = {}): ScriptedAnswer {
  const body = JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] })
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}

function answerToBlob({ blobs }: RegistryContent, { method, headers, reference }: ScriptedRequest): ScriptedAnswer {
  const bytes = blobs.get(reference)
  if (bytes === undefined) return refusal(404, 'BLOB_UNKNOWN')
  if (method === 'DELETE') {
    blobs.delete(reference)
    return answer(202)
  }
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  if (start > 0 && start >= bytes.length) return refusal(416, 'RANGE_INVALID')
  const part = bytes.subarray(start)
  const range = start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}
  return answer(start > 0 ? 206 : 200, part, { 'content-length': part.byteLength, ...range })
}
