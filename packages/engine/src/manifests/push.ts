import type { ImageDestination, ImageSource, PushManifestOptions } from '@podwright/contracts'
import type { Descriptor, Digest } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import { registryOf } from '../images/registry-of.ts'
import { transfer } from '../images/transfer.ts'
import { isPlace } from '../images/is-place.ts'
import { putIndexAlone } from '../images/put-index.ts'
import { openTransports } from '../images/transports.ts'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from '../registries/registry-access.ts'
import { requireList } from './find-list.ts'
import { openListSource } from './list-source.ts'

/** Sends a list, with the images that it lists unless they are to stay. */
export async function pushList(parts: EngineParts, typed: string, destination: string, options: PushManifestOptions): Promise<Digest> {
  const storage = await parts.storage()
  const { name } = await requireList(storage, typed)
  const { signal, onProgress, format, compression, compressionLevel } = options
  const target = isPlace(destination) ? destination : `docker://${destination}`
  await using places = await openTransports(parts, registryOf(target), options)
  await using access = await openRegistryAccess(parts, registryOf(target) || 'docker.io', options)
  await using source = await openListSource(storage, access, name, options.tlsVerify)
  await using to = await places.transports.openDestination(target, { signal })
  const whole = { platforms: 'all', format, compression, compressionLevel, signal, onProgress } as const
  const { digest } = options.all === false ? await pushDocument(source, to, options) : (await transfer(parts, source, to, whole)).committed
  if (options.remove === true) await storage.removeName(name, { signal })
  return digest
}

/** The list alone: its images must be there. */
async function pushDocument(
  source: ImageSource,
  to: ImageDestination,
  { signal, format, compression }: PushManifestOptions,
): Promise<Descriptor> {
  if (format !== undefined || compression !== undefined) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', 'cannot convert a list without its images: the digests in it would be wrong')
  }
  return await putIndexAlone(source, to, { signal })
}
