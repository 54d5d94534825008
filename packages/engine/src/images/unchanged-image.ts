import type { PulledImage, PullOptions, PullProgress, Storage } from '@podwright/contracts'
import { emitProgress, isPodwrightError } from '@podwright/conventions'
import { endpointsOf } from '@podwright/distribution'
import { type Descriptor, formatReference, hostPlatform, type Reference, runsOn } from '@podwright/oci'
import type { RegistryAccess } from '../registries/registry-access.ts'

/**
 * The image that a name leads to here, when the registry's is still that one and nothing of it is missing. Asks for the manifest's digest alone, which takes a third of the time, and which Docker
 * Hub does not count as a pull. Undefined whenever that can't be told so, with mirrors for one: then it is fetched.
 */
export async function unchangedImage(
  { client, config }: RegistryAccess,
  storage: Storage,
  [reference, ...candidates]: readonly Reference[],
  { platform, tlsVerify, signal, onProgress }: PullOptions,
): Promise<PulledImage | undefined> {
  // Of a short name, another registry may have it by now.
  if (reference === undefined || candidates.length > 0) return undefined
  const name = formatReference(reference)
  const here = storage.findImage(name)
  const [endpoint, ...others] = endpointsOf(reference, config, { purpose: 'pull', tlsVerify })
  if (here === undefined || endpoint === undefined || others.length > 0) return undefined
  if (!runsOn(here.platform, platform ?? { ...hostPlatform(), os: 'linux' })) return undefined
  const found = await headOf(() => client.headManifest(endpoint, reference.tag ?? 'latest', { signal }))
  const image = found && (await storage.completeImage(name, found.digest))
  if (found === undefined || image === undefined) return undefined
  emitProgress<PullProgress>(onProgress, { type: 'pull:unchanged', reference: name, digest: found.digest })
  return { image, name, digest: found.digest, updated: false }
}

/** A registry that refuses the question, and only that, may answer when it is asked for the whole. */
async function headOf(ask: () => Promise<Descriptor | undefined>): Promise<Descriptor | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isPodwrightError(error, 'ERR_REGISTRY_REJECTED')) return undefined
    throw error
  }
}
