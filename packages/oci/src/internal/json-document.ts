import { OciError } from '../errors.ts'

/**
 * Registries must take manifests of 4 MiB and may refuse larger ones (distribution-spec v1.1, "Pushing Manifests"); docker and podman stop reading there.
 */
const documentMaximumBytes = 4 * 1024 * 1024

/** Reads JSON from bytes. `subject` is for messages: "image manifest". */
export function parseJsonDocument(bytes: Uint8Array, subject: string): unknown {
  if (bytes.byteLength > documentMaximumBytes) {
    throw new OciError(
      'ERR_DOCUMENT_TOO_LARGE',
      `cannot read the ${subject}: it has ${bytes.byteLength} bytes, more than ${documentMaximumBytes}`,
    )
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const start = new TextDecoder().decode(bytes.subarray(0, 60))
    throw new OciError(
      'ERR_DOCUMENT_INVALID',
      `cannot read the ${subject}: it is not JSON in UTF-8, but begins with ${JSON.stringify(start)}`,
      { cause },
    )
  }
}

/** Says in every error of `read` which document it was. */
export function readingDocument<T>(subject: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof OciError) || error.message.startsWith('cannot read the ')) throw error
    throw new OciError(error.code, `cannot read the ${subject}: ${error.message}`, {
      cause: error,
      details: error.details,
      ...(error.hint !== undefined && { hint: error.hint }),
    })
  }
}
