import type { OpenBlob } from '@podwright/contracts'
import { emitProgress, isPodwrightError, messageOf } from '@podwright/conventions'
import { type Descriptor, digestAlgorithm, loadDigestAlgorithm } from '@podwright/oci'
import type { Repository, UploadBlobOptions } from '../../registry-client.ts'
import { backoff, retryAfterMs } from '../http/retry.ts'
import { hasBlob } from './blobs.ts'
import { type Session, subjectOf } from './session.ts'
import { createUploadReader, type UploadReader } from './upload-reader.ts'
import { beginUpload, type BegunUpload, cancelUpload, endUpload, sendPart, type UploadContext, uploadStatus } from './upload-session.ts'

/** Up to here a blob goes in one PUT: to begin it anew costs less than to ask how far it got. */
const monolithicMaximumBytes = 8 * 1024 * 1024

/** What a part is cut to when something on the way finds it too large (413); proxies allow 100 MB, or 1 MiB, by default. */
const partMaximumAfterRefusal = 90_000_000
const partMinimumBytes = 512 * 1024

/** Bytes after which an upload counts as getting on, so that its failures are counted anew. */
const progressBytes = 1024 * 1024

/**
 * Sends a blob: taken over from another repository where the registry can; a small one in one PUT, a large one in a PATCH that is taken up again where it
 * broke, as far as the registry remembers it, and cut into smaller parts where it is refused as too large.
 */
export async function putBlob(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  open: OpenBlob,
  options: UploadBlobOptions,
): Promise<void> {
  const { signal, onProgress } = options
  const context: UploadContext = { session, repository, operation: `write the blob ${subjectOf(repository, descriptor.digest)}`, signal }
  const begun = await tryMounts(context, descriptor, options.mountFrom ?? [])
  if (begun === 'mounted') return
  await loadDigestAlgorithm(digestAlgorithm(descriptor.digest))
  const reader = createUploadReader(descriptor, open, context.operation, { signal, onProgress })
  try {
    await uploadUntilDone({ context, descriptor, reader, begun, partBytes: session.uploadPartBytes }, options)
  } finally {
    await reader.close()
  }
}

/** An upload and what became of it so far. */
interface Upload {
  readonly context: UploadContext
  readonly descriptor: Descriptor
  readonly reader: UploadReader
  /** Undefined: to be begun. */
  begun: BegunUpload | undefined
  partBytes: number
}

/** @returns an upload that the registry began instead */
async function tryMounts(
  context: UploadContext,
  descriptor: Descriptor,
  from: readonly string[],
): Promise<BegunUpload | 'mounted' | undefined> {
  let begun: BegunUpload | undefined
  for (const repository of from) {
    if (repository === context.repository.repository) continue
    const outcome = await beginUpload(context, descriptor, repository)
    if (begun !== undefined && outcome !== undefined) await cancelUpload(context, begun)
    if (outcome === 'mounted') return 'mounted'
    begun = outcome ?? begun
  }
  return begun
}

async function uploadUntilDone(upload: Upload, { signal, onProgress }: UploadBlobOptions): Promise<void> {
  const { context, descriptor } = upload
  const { policy } = context.session
  let failures = 0
  let failedAt = 0
  for (;;) {
    try {
      return await uploadRest(upload)
    } catch (error) {
      signal?.throwIfAborted()
      if (isTooLarge(error) && cutSmaller(upload)) continue
      const got = upload.begun?.sentBytes ?? 0
      if (got - failedAt >= progressBytes) failures = 0
      failedAt = got
      if (failures++ >= policy.retries || !canGoOn(upload, error)) {
        if (upload.begun !== undefined) await cancelUpload(context, upload.begun)
        throw error
      }
      emitProgress(onProgress, { type: 'blob:retry', descriptor, attempt: failures, reason: messageOf(error) })
      await policy.clock.sleep(pauseAfter(upload, error, failures - 1), { signal })
      // The answer to the whole blob may be what got lost.
      if (await hasBlob(context.session, context.repository, descriptor.digest, { signal })) return
      if (upload.begun !== undefined) upload.begun = await askAgain(upload, upload.begun)
    }
  }
}

/** Sends what the registry has not yet. */
async function uploadRest(upload: Upload): Promise<void> {
  const { context, descriptor, reader } = upload
  const begun = upload.begun ?? (await beginUpload(context, descriptor))
  if (begun === 'mounted' || begun === undefined) return
  upload.begun = begun
  const { size } = descriptor
  const partBytes = Math.max(upload.partBytes, begun.chunkMinimumBytes)
  if (begun.sentBytes === 0 && size <= Math.min(monolithicMaximumBytes, partBytes)) {
    return endUpload(context, begun, descriptor, { sizeBytes: size, open: () => reader.read(0, size) })
  }
  while (upload.begun.sentBytes < size) {
    const start = upload.begun.sentBytes
    const end = Math.min(start + partBytes, size)
    const part = { start, end, body: { sizeBytes: end - start, open: () => reader.read(start, end) } }
    upload.begun = await sendPart(context, upload.begun, part, size)
  }
  await endUpload(context, upload.begun, descriptor, { bytes: new Uint8Array() })
}

/** How far the registry got; undefined: it is to be begun anew. */
async function askAgain({ context, reader }: Upload, begun: BegunUpload): Promise<BegunUpload | undefined> {
  try {
    const found = await uploadStatus(context, begun)
    return found !== undefined && found.sentBytes <= reader.readBytes ? found : undefined
  } catch {
    context.signal?.throwIfAborted()
    return undefined
  }
}

/** Whether another try may do better; sets the upload up for it. */
function canGoOn(upload: Upload, error: unknown): boolean {
  if (!isPodwrightError(error)) return false
  const { status } = error.details
  // The registry has lost the upload, or its count of it.
  const lost = upload.begun !== undefined && (status === 404 || status === 416 || isUploadUnknown(error.details['registryErrors']))
  if (lost) upload.begun = undefined
  return lost || error.retryable
}

function isTooLarge(error: unknown): boolean {
  return isPodwrightError(error) && error.details['status'] === 413
}

/** @returns false when it can't be what was too large */
function cutSmaller(upload: Upload): boolean {
  const { begun, descriptor, partBytes } = upload
  const smaller = Math.min(partMaximumAfterRefusal, Math.ceil(Math.min(partBytes, descriptor.size) / 2))
  if (smaller < partMinimumBytes || smaller < (begun?.chunkMinimumBytes ?? 0)) return false
  upload.partBytes = smaller
  upload.begun = undefined
  return true
}

function isUploadUnknown(registryErrors: unknown): boolean {
  const codes = Array.isArray(registryErrors) ? registryErrors.map((one: { readonly code?: unknown }) => one.code) : []
  return codes.includes('BLOB_UPLOAD_UNKNOWN') || codes.includes('BLOB_UPLOAD_INVALID')
}

function pauseAfter({ context }: Upload, error: unknown, attempt: number): number {
  const { policy } = context.session
  const asked = isPodwrightError(error) ? error.details['retryAfter'] : undefined
  const askedMs = typeof asked === 'string' ? retryAfterMs(asked, policy.clock) : undefined
  return askedMs !== undefined && askedMs <= policy.retryAfterMaximumMs ? askedMs : backoff(policy, attempt)
}
