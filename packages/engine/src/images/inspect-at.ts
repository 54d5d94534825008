import type { DistantImage, InspectAtOptions } from '@podwright/contracts'
import { inspectImage } from '@podwright/distribution'
import { parseReference } from '@podwright/oci'
import { collect } from '../collect.ts'
import type { EngineParts } from '../parts.ts'
import { registryOf } from './registry-of.ts'
import { openTransports } from './transports.ts'

/** What is known of an image wherever it is, from its manifest and its config alone. */
export async function inspectAt(parts: EngineParts, name: string, options: InspectAtOptions): Promise<DistantImage> {
  const { signal, platform } = options
  await using places = await openTransports(parts, registryOf(name), options)
  await using source = await places.transports.openSource(name, { signal })
  const found = await inspectImage(source, { platform, signal })
  const repository = repositoryOf(source.reference)
  const wantsTags = repository !== undefined && options.tags !== false
  const listed = wantsTags ? await collect(places.transports.list(name, { signal })) : undefined
  return { ...found, reference: source.reference, repository, tags: listed?.flatMap((image) => image.name ?? []) }
}

function repositoryOf(reference: string): string | undefined {
  if (!reference.startsWith('docker://')) return undefined
  const { registry, repository } = parseReference(reference.slice('docker://'.length))
  return `${registry}/${repository}`
}
