import type { PushedImage, RegistryOptions, TransferProgress } from '@podwright/contracts'
import type { ProgressOptions } from '@podwright/conventions'
import { createRegistryDestination, resolveShortName } from '@podwright/distribution'
import { formatReference, parseNamed, type Reference } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import { transfer } from '../images/transfer.ts'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from '../registries/registry-access.ts'
import { requireArtifact } from './find-artifact.ts'

/** Sends an artifact to a registry. */
export async function pushArtifact(
  parts: EngineParts,
  typed: string,
  destination: string | undefined,
  options: RegistryOptions & ProgressOptions<TransferProgress>,
): Promise<Omit<PushedImage, 'image'>> {
  const storage = await parts.storage()
  const found = await requireArtifact(storage, typed)
  const target = (destination ?? found.artifact.names[0])?.replace(/^docker:\/\//, '')
  if (target === undefined) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot push the artifact ${typed}: it has no name, so nothing says where to`)
  }
  await using access = await openRegistryAccess(parts, parseNamed(target).registry ?? 'docker.io', options)
  const reference = resolveShortName(target, access.config)[0] as Reference
  await using to = createRegistryDestination(access, reference, { config: access.config, tlsVerify: options.tlsVerify })
  await using source = await storage.source(found.reference)
  const { committed } = await transfer(parts, source, to, { signal: options.signal, onProgress: options.onProgress })
  return { destination: formatReference(reference), digest: committed.digest }
}
