import { digestOf, isDigest } from '@podwright/oci'
import { answer, refusal, type ScriptedAnswer, type ScriptedRequest } from './answer.ts'
import type { RegistryContent, ScriptedUpload } from './content.ts'

/** distribution-spec v1.1, "Pushing blobs". */
export function answerToUpload(content: RegistryContent, request: ScriptedRequest): ScriptedAnswer {
  if (request.method === 'POST') return begin(content, request)
  const id = request.reference.slice('uploads/'.length)
  const upload = content.uploads.get(id)
  if (upload === undefined) return refusal(404, 'BLOB_UPLOAD_UNKNOWN')
  if (request.method === 'GET') return state(204, upload, request)
  if (request.method === 'PATCH') return append(upload, request)
  content.uploads.delete(id)
  return request.method === 'PUT' ? finish(content, upload, request) : answer(204)
}

function begin({ blobs, uploads }: RegistryContent, { url, name }: ScriptedRequest): ScriptedAnswer {
  if (blobs.has(url.searchParams.get('mount') ?? '')) return answer(201)
  const id = `session-${uploads.size + 1}-${globalThis.crypto.randomUUID()}`
  uploads.set(id, { repository: name, bytes: new Uint8Array() })
  return answer(202, '', { location: `/v2/${name}/blobs/uploads/${id}?state=x%20y` })
}

function append(upload: ScriptedUpload, request: ScriptedRequest): ScriptedAnswer {
  const start = /^(\d+)-\d+$/.exec(request.headers['content-range'] ?? '')?.[1]
  if (start !== undefined && Number(start) !== upload.bytes.length) return refusal(416, 'BLOB_UPLOAD_INVALID')
  upload.bytes = Buffer.concat([upload.bytes, request.body])
  return state(202, upload, request)
}

function finish({ blobs }: RegistryContent, upload: ScriptedUpload, { url, body }: ScriptedRequest): ScriptedAnswer {
  const bytes = Buffer.concat([upload.bytes, body])
  const digest = url.searchParams.get('digest')
  if (!isDigest(digest) || digestOf(bytes) !== digest) return refusal(400, 'DIGEST_INVALID')
  blobs.set(digest, bytes)
  return answer(201)
}

function state(status: number, { bytes }: ScriptedUpload, { url }: ScriptedRequest): ScriptedAnswer {
  return answer(status, '', { location: url.pathname + url.search, range: `0-${Math.max(0, bytes.length - 1)}` })
}
