import type { PulledImage, PullOptions } from '@podwright/contracts'
import { copyImage } from '@podwright/distribution'
import { openHelloSource } from '../hello/image.ts'
import { helloName } from '../hello/name.ts'
import type { EngineParts } from '../parts.ts'
import { requireLocalImage } from './find-image.ts'

/** Puts the embedded image into storage. */
export async function unpackHello(parts: EngineParts, { signal, platform }: PullOptions): Promise<PulledImage> {
  const storage = await parts.storage()
  await using source = openHelloSource()
  await using destination = await storage.destination(helloName)
  const { top } = await copyImage(source, destination, { signal, platform })
  const { image } = requireLocalImage(storage, helloName)
  return { image, name: helloName, digest: top.digest, updated: true }
}
