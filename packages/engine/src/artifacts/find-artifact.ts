import type { Storage, StoredArtifact } from '@podwright/contracts'
import { formatReference, isDigest, normalizeReference } from '@podwright/oci'
import { EngineError } from '../errors.ts'

/** An artifact that is here, and the reference that storage knows it by. */
export interface FoundArtifact {
  readonly artifact: StoredArtifact
  readonly reference: string
  /** Whether it was found by its name. */
  readonly byName: boolean
}

/** Finds an artifact by name, by digest, or by an unambiguous beginning of one. @throws `ERR_ARTIFACT_NOT_FOUND` */
export async function requireArtifact(storage: Storage, typed: string): Promise<FoundArtifact> {
  if (!isDigest(typed) && !/^[0-9a-f]{64}$/.test(typed)) {
    const reference = formatReference(normalizeReference(typed))
    const artifact = await storage.findArtifact(reference)
    if (artifact !== undefined) return { artifact, reference, byName: true }
  }
  const artifact = /^(?:sha256:)?[0-9a-f]{1,64}$/.test(typed) ? await storage.findArtifact(typed) : undefined
  if (artifact !== undefined) return { artifact, reference: artifact.descriptor.digest, byName: false }
  throw new EngineError('ERR_ARTIFACT_NOT_FOUND', `no artifact here has the name or digest "${typed}"`, {
    hint: `podwright artifact ls shows what is here; podwright artifact pull ${typed} fetches it.`,
    details: { reference: typed },
  })
}
