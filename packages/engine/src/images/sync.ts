import type { SyncedImage, SyncOptions } from '@podwright/contracts'
import { formatImageName, type SyncPair, syncPairs } from '@podwright/distribution'
import type { EngineParts } from '../parts.ts'
import { registryOf } from './registry-of.ts'
import { transfer } from './transfer.ts'
import { openTransports, type OpenTransports } from './transports.ts'

/** Where signatures are attached to an image, they are under a tag made of its digest. */
const isSignature = ({ destination }: SyncPair): boolean => /:sha256-[0-9a-f]{64}\.sig$/.test(formatImageName(destination))

/** Copies a repository's tags, or the images of a directory, one after the other. */
export async function* syncImages(
  parts: EngineParts,
  source: string,
  destination: string,
  options: SyncOptions,
): AsyncGenerator<SyncedImage> {
  const { signal } = options
  await using here = await openTransports(parts, registryOf(source), { ...options.from, signal })
  await using there = await openTransports(parts, registryOf(destination), { ...options.to, signal })
  for await (const pair of syncPairs(here.transports, source, destination, { scoped: options.scoped, signal })) {
    signal?.throwIfAborted()
    if (options.withoutSignatures === true && isSignature(pair)) continue
    yield await syncOne({ parts, here, there }, pair, options)
  }
}

interface Sides {
  readonly parts: EngineParts
  readonly here: OpenTransports
  readonly there: OpenTransports
}

async function syncOne({ parts, here, there }: Sides, pair: SyncPair, options: SyncOptions): Promise<SyncedImage> {
  const names = { source: formatImageName(pair.source), destination: formatImageName(pair.destination) }
  if (options.dryRun === true) return { ...names, digest: undefined }
  try {
    await using from = await here.transports.openSource(pair.source, options)
    await using to = await there.transports.openDestination(pair.destination, { signal: options.signal, source: pair.source })
    const { committed } = await transfer(parts, from, to, { ...options, platforms: options.all === true ? 'all' : 'one' })
    return { ...names, digest: committed.digest }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (options.keepGoing !== true) throw error
    return { ...names, digest: undefined, error }
  }
}
