import type { PulledImage, PullOptions, PullProgress } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import { copyImage, resolveImage, resolveShortName } from '@podwright/distribution'
import { formatReference, parseNamed } from '@podwright/oci'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from '../registries/registry-access.ts'
import { requireLocalImage } from './find-image.ts'

/** Fetches an image from a registry into storage, whatever is here already; what is, is not fetched again. */
export async function pullImage(parts: EngineParts, typed: string, options: PullOptions): Promise<PulledImage> {
  const { signal, onProgress, tlsVerify } = options
  const storage = await parts.storage()
  await using access = await openRegistryAccess(parts, parseNamed(typed).registry ?? 'docker.io', options)
  const { config } = access
  const candidates = resolveShortName(typed, config)
  const found = await resolveImage(access, candidates, {
    config,
    tlsVerify,
    signal,
    // A pull that died may have left some; and of what is all here, only the name is asked for.
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
