import type { PulledImage, PullOptions } from '@podwright/contracts'
import { resolveShortName } from '@podwright/distribution'
import { parseNamed } from '@podwright/oci'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from '../registries/registry-access.ts'
import { unchangedImage } from './unchanged-image.ts'

/** Fetches an image from a registry into storage, unless the registry's is the one that is here. */
export async function pullImage(parts: EngineParts, typed: string, options: PullOptions): Promise<PulledImage> {
  const storage = await parts.storage()
  await using access = await openRegistryAccess(parts, parseNamed(typed).registry ?? 'docker.io', options)
  const candidates = resolveShortName(typed, access.config)
  const unchanged = await unchangedImage(access, storage, candidates, options)
  if (unchanged !== undefined) return unchanged
  const { fetchImage } = await import('./fetch-image.ts')
  return await fetchImage(parts, access, storage, candidates, options)
}
