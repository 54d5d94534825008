import { digestOf, parseManifest } from '@podwright/oci'
import { answer, refusal, type ScriptedAnswer, type ScriptedRequest } from './answer.ts'
import { manifestAt, type RegistryContent } from './content.ts'

export function answerToManifest(content: RegistryContent, request: ScriptedRequest): ScriptedAnswer {
  const { method, name, reference } = request
  if (method === 'PUT') return put(content, request)
  const record = manifestAt(content, name, reference)
  if (record === undefined) return refusal(404, 'MANIFEST_UNKNOWN')
  if (method === 'DELETE') return remove(content, name, reference)
  const { mediaType, digest } = record.descriptor
  return answer(200, record.bytes, {
    'content-type': mediaType,
    'docker-content-digest': digest,
    'content-length': record.bytes.byteLength,
  })
}

function put({ manifests, referrersApi }: RegistryContent, { name, reference, body, headers }: ScriptedRequest): ScriptedAnswer {
  const bytes = Uint8Array.from(body)
  const digest = digestOf(bytes)
  const record = { descriptor: { mediaType: headers['content-type'] ?? '', digest, size: bytes.length }, bytes: body }
  manifests.set(`${name}@${digest}`, record)
  if (!reference.includes(':')) manifests.set(`${name}:${reference}`, record)
  const subject = referrersApi ? subjectOf(bytes, record.descriptor.mediaType) : undefined
  return answer(201, '', { 'docker-content-digest': digest, ...(subject !== undefined && { 'oci-subject': subject }) })
}

/** A digest goes with its tags, a tag goes alone. */
function remove({ manifests }: RegistryContent, name: string, reference: string): ScriptedAnswer {
  for (const [key, { descriptor }] of manifests) {
    const isMeant = reference.includes(':')
      ? descriptor.digest === reference && /^[@:]/.test(key.slice(name.length))
      : key === `${name}:${reference}`
    if (key.startsWith(name) && isMeant) manifests.delete(key)
  }
  return answer(202)
}

/** The digest of what a manifest refers to. */
export function subjectOf(bytes: Uint8Array, mediaType: string): string | undefined {
  try {
    const parsed = parseManifest(bytes, mediaType)
    return (parsed.kind === 'manifest' ? parsed.manifest : parsed.index).subject?.digest
  } catch {
    // A registry takes what it doesn't know.
    return undefined
  }
}
