import type { BlobStream, OpenBlobOptions } from '@podwright/contracts'
import type { Descriptor } from '@podwright/oci'
import { answerError } from './http/answer-error.ts'
import { blobStream } from './registry/blobs.ts'
import { createTransmit, type Session } from './registry/session.ts'

/** Reads a blob from where its descriptor says that it lies, as nobody in particular. @returns undefined when it says nothing usable */
export async function openForeignBlob(
  session: Session,
  descriptor: Descriptor,
  { offset = 0, signal }: OpenBlobOptions,
): Promise<BlobStream | undefined> {
  const transmit = createTransmit(session.connections, session.policy)
  const urls = (descriptor.urls ?? []).flatMap((text) => URL.parse(text) ?? []).filter(({ protocol }) => /^https?:$/.test(protocol))
  let failure: unknown
  for (const url of urls) {
    const operation = `read the blob ${descriptor.digest} from ${url.host}`
    try {
      const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {}
      const answer = await transmit({ method: 'GET', url, headers, tlsVerify: session.tlsVerify, signal })
      if (answer.status === 200 || answer.status === 206) return await blobStream(answer, descriptor, operation)
      failure = await answerError(answer, { operation, registry: url.host })
    } catch (error) {
      signal?.throwIfAborted()
      failure = error
    }
  }
  if (failure !== undefined) throw failure
  return undefined
}
