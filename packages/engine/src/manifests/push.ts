import type { PushManifestOptions } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { registryOf } from '../images/registry-of.ts'
import { transfer } from '../images/transfer.ts'
import { isPlace } from '../images/is-place.ts'
import { openTransports } from '../images/transports.ts'
import type { EngineParts } from '../parts.ts'
import { requireList } from './find-list.ts'

/** Sends a list, with the images that it lists unless they are to stay. */
export async function pushList(parts: EngineParts, typed: string, destination: string, options: PushManifestOptions): Promise<Digest> {
  const storage = await parts.storage()
  const { name } = await requireList(storage, typed)
  const { signal, onProgress, format, compression } = options
  const target = isPlace(destination) ? destination : `docker://${destination}`
  await using places = await openTransports(parts, registryOf(target), options)
  await using source = await storage.source(name)
  await using to = await places.transports.openDestination(target, { signal })
  const { committed } = await transfer(parts, source, to, { platforms: 'all', format, compression, signal, onProgress })
  if (options.remove === true) await storage.removeName(name, { signal })
  return committed.digest
}
