import type { PulledImage, PullOptions, PullProgress, TransferProgress } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import { type BuiltInImageName, parseImageName } from '@podwright/distribution'
import { formatReference } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { loadImages } from './load.ts'
import { nameToGive } from './tag.ts'
import { transfer } from './transfer.ts'
import { openTransports } from './transports.ts'

/** Takes an image in from an archive or a directory. Without the name of one, everything there comes in, and the first is told of. */
export async function pullFromPlace(parts: EngineParts, typed: string, options: PullOptions): Promise<PulledImage> {
  const place = parseImageName(typed)
  const onProgress = (event: TransferProgress): void => emitProgress(options.onProgress, asPull(event))
  const name = chosenName(place)
  if (name === undefined && 'path' in place && !isChosen(place)) return pullEverything(parts, place.path, { ...options, onProgress })
  const storage = await parts.storage()
  const before = new Set(storage.listImages().map(({ id }) => id))
  await using places = await openTransports(parts, '', options)
  await using source = await places.transports.openSource(place, options)
  await using destination = await storage.destination(name, { signal: options.signal })
  const { images, committed } = await transfer(parts, source, destination, {
    platform: options.platform,
    signal: options.signal,
    onProgress,
  })
  const digest = images[0]?.manifest.digest
  const image = storage.listImages().find(({ manifests }) => manifests.some((manifest) => manifest.digest === digest))
  if (image === undefined) throw new EngineError('ERR_IMAGE_ARCHIVE', `cannot pull ${typed}: it holds no image`)
  return { image, name: name ?? image.id, digest: committed.digest, updated: !before.has(image.id) }
}

async function pullEverything(
  parts: EngineParts,
  path: string,
  options: Pick<PullOptions, 'signal'> & { readonly onProgress: (event: TransferProgress) => void },
): Promise<PulledImage> {
  const before = new Set((await parts.storage()).listImages().map(({ id }) => id))
  const [first] = await loadImages(parts, path, options)
  if (first === undefined) throw new EngineError('ERR_IMAGE_ARCHIVE', `cannot pull ${path}: it holds no image`)
  const { image, names } = first
  return { image, name: names[0] ?? image.id, digest: image.manifests[0]?.digest, updated: !before.has(image.id) }
}

function isChosen(place: BuiltInImageName): boolean {
  return ('digest' in place && place.digest !== undefined) || ('index' in place && place.index !== undefined)
}

/** The full name that the text gives; a name in a layout may be anything. */
function chosenName(place: BuiltInImageName): string | undefined {
  if (place.transport === 'docker-archive') return place.reference === undefined ? undefined : formatReference(place.reference)
  return 'name' in place && place.name !== undefined ? nameToGive(place.name) : undefined
}

function asPull(event: TransferProgress): PullProgress {
  if (event.type !== 'transfer:resolved') return event
  const { source, digest, layers, sizeBytes } = event
  return { type: 'pull:resolved', reference: source, digest, layers, sizeBytes }
}
