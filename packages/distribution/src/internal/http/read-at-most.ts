import { DistributionError } from '../../errors.ts'
import type { Answer } from './exchange.ts'
import { redactUrl } from './redact-url.ts'

/** Reads a whole body. @throws DistributionError `ERR_REGISTRY_PROTOCOL` when it is longer than `maximumBytes` */
export async function readAtMost(answer: Answer, maximumBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer.body) {
    length += chunk.byteLength
    if (length > maximumBytes) {
      throw new DistributionError(
        'ERR_REGISTRY_PROTOCOL',
        `cannot use the answer of ${answer.url.host}: it has more than ${maximumBytes} bytes`,
        {
          details: { url: redactUrl(answer.url) },
        },
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Reads the beginning of a body, for a message; a body that breaks off is as good. */
export async function readBeginning(answer: Answer, maximumBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk.subarray(0, maximumBytes - length))
      length += chunk.byteLength
      if (length >= maximumBytes) break
    }
  } catch {
    // What came before says enough.
  }
  return Buffer.concat(chunks)
}
