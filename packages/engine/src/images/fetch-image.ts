import type { PulledImage, PullOptions, PullProgress, Storage } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import { copyImage, resolveImage } from '@podwright/distribution'
import { formatReference, type Reference } from '@podwright/oci'
import type { EngineParts } from '../parts.ts'
import type { RegistryAccess } from '../registries/registry-access.ts'
import { requireLocalImage } from './find-image.ts'

/** Fetches the first of several names that leads to an image; what of it is here already is not fetched again. */
export async function fetchImage(
  parts: EngineParts,
  access: RegistryAccess,
  storage: Storage,
  candidates: readonly Reference[],
  options: PullOptions,
): Promise<PulledImage> {
  const { signal, onProgress, tlsVerify } = options
  const found = await resolveImage(access, candidates, {
    config: access.config,
    tlsVerify,
    signal,
    // A pull that died may have left some.
    local: (digest) => storage.document(digest),
    onCandidate: (reference) => emitProgress<PullProgress>(onProgress, { type: 'pull:resolve', reference: formatReference(reference) }),
  })
  await using source = found.source
  const name = formatReference(found.reference)
  const before = storage.findImage(name)?.id
  await using destination = await storage.destination(name)
  const result = await copyImage(source, destination, {
    platform: options.platform,
    signal,
    clock: parts.clock,
    onProgress: (event) => {
      if (event.type !== 'copy:resolved') return emitProgress<PullProgress>(onProgress, event)
      const { top, layers, sizeBytes } = event
      emitProgress<PullProgress>(onProgress, { type: 'pull:resolved', reference: name, digest: top.digest, layers, sizeBytes })
    },
  })
  const { image } = requireLocalImage(storage, name)
  return { image, name, digest: result.top.digest, updated: image.id !== before }
}
