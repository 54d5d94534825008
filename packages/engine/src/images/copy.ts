import type { CopyImageOptions, CopyImageResult } from '@podwright/contracts'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { registryOf } from './registry-of.ts'
import { transfer } from './transfer.ts'
import { openTransports } from './transports.ts'

/** Copies an image from one place to another. */
export async function copyBetween(
  parts: EngineParts,
  source: string,
  destination: string,
  options: CopyImageOptions,
): Promise<CopyImageResult> {
  if (options.all === true && options.platform !== undefined) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot copy ${source}: all images of a list and one platform contradict each other`)
  }
  const { signal } = options
  await using here = await openTransports(parts, registryOf(source), { ...options.from, signal })
  await using there = await openTransports(parts, registryOf(destination), { ...options.to, signal })
  await using from = await here.transports.openSource(source, { signal })
  await using to = await there.transports.openDestination(destination, { signal })
  const { top, committed } = await transfer(parts, from, to, { ...options, platforms: options.all === true ? 'all' : 'one' })
  return { source: from.reference, destination: to.reference, sourceDigest: top.digest, digest: committed.digest }
}
