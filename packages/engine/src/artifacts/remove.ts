import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import { requireArtifact } from './find-artifact.ts'

/** Takes a name away, and the artifact with its last one; a digest means the artifact itself. @returns its digest */
export async function removeArtifact(
  parts: EngineParts,
  typed: string,
  { signal, dryRun }: AbortOptions & { readonly dryRun?: boolean | undefined },
): Promise<string> {
  const storage = await parts.storage()
  const { artifact, reference, byName } = await requireArtifact(storage, typed)
  const { digest } = artifact.descriptor
  if (byName) await storage.removeName(reference, { signal, dryRun })
  else await storage.removeImage(digest, { force: true, signal, dryRun })
  return digest
}
