import type { PullProgress, RegistryOptions, StoredArtifact } from '@podwright/contracts'
import { emitProgress, type ProgressOptions } from '@podwright/conventions'
import { copyImage, resolveImage, resolveShortName } from '@podwright/distribution'
import { formatReference, parseNamed } from '@podwright/oci'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from '../registries/registry-access.ts'
import { requireArtifact } from './find-artifact.ts'

/** Fetches an artifact from a registry. */
export async function pullArtifact(
  parts: EngineParts,
  typed: string,
  options: RegistryOptions & ProgressOptions<PullProgress>,
): Promise<StoredArtifact> {
  const { signal, onProgress, tlsVerify } = options
  const storage = await parts.storage()
  await using access = await openRegistryAccess(parts, parseNamed(typed).registry ?? 'docker.io', options)
  const onCandidate = (reference: Parameters<typeof formatReference>[0]): void =>
    emitProgress<PullProgress>(onProgress, { type: 'pull:resolve', reference: formatReference(reference) })
  const found = await resolveImage(access, resolveShortName(typed, access.config), {
    config: access.config,
    tlsVerify,
    signal,
    onCandidate,
  })
  await using source = found.source
  const name = formatReference(found.reference)
  await using destination = await storage.destination(name, { kind: 'artifact', signal })
  await copyImage(source, destination, {
    signal,
    clock: parts.clock,
    onProgress: (event) => {
      if (event.type !== 'copy:resolved') return emitProgress<PullProgress>(onProgress, event)
      const { top, layers, sizeBytes } = event
      emitProgress<PullProgress>(onProgress, { type: 'pull:resolved', reference: name, digest: top.digest, layers, sizeBytes })
    },
  })
  return (await requireArtifact(storage, name)).artifact
}
