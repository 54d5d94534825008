import type { RegistryOptions } from '@podwright/contracts'
import { endpointsOf, resolveShortName } from '@podwright/distribution'
import { isPodwrightError } from '@podwright/conventions'
import { parseNamed, type Reference } from '@podwright/oci'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from './registry-access.ts'

/** A tag of a repository, and the repository that a short name turned out to be. */
export interface FoundTag {
  readonly reference: Reference
  readonly tag: string
}

/** The tags of a repository: of the first that a short name leads to and that is there. */
export async function* listRepositoryTags(parts: EngineParts, typed: string, options: RegistryOptions): AsyncGenerator<string> {
  for await (const { tag } of findTags(parts, typed, options)) yield tag
}

/** As `listRepositoryTags`, with where each was found. */
export async function* findTags(parts: EngineParts, typed: string, options: RegistryOptions): AsyncGenerator<FoundTag> {
  await using access = await openRegistryAccess(parts, parseNamed(typed).registry ?? 'docker.io', options)
  const candidates = resolveShortName(typed, access.config)
  for (const [index, reference] of candidates.entries()) {
    const [endpoint] = endpointsOf(reference, access.config, { purpose: 'push', tlsVerify: options.tlsVerify })
    if (endpoint === undefined) continue
    try {
      for await (const tag of access.client.listTags(endpoint, { signal: options.signal })) yield { reference, tag }
      return
    } catch (error) {
      if (index === candidates.length - 1 || !isPodwrightError(error, 'ERR_REGISTRY_NOT_FOUND')) throw error
    }
  }
}
