import type { Engine } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { humanSize } from '../render/size.ts'

/** What a container takes on disk. */
export interface ContainerSize {
  /** Of what it has changed of its image. */
  readonly changedBytes: number
  /** Of its whole tree: the image's layers, too. */
  readonly totalBytes: number
}

/** By id. */
export type ContainerSizes = ReadonlyMap<string, ContainerSize>

/** Walks through what containers have changed. */
export async function readContainerSizes(engine: Pick<Engine, 'system'>, options: AbortOptions): Promise<ContainerSizes> {
  const { images, containers } = await engine.system.usage(options)
  const imageBytes = new Map(images.items.map(({ image, sizeBytes }) => [image.id, sizeBytes]))
  return new Map(
    containers.items.map(({ container, sizeBytes }) => [
      container.id,
      { changedBytes: sizeBytes, totalBytes: sizeBytes + (imageBytes.get(container.imageId) ?? 0) },
    ]),
  )
}

/** docker's words. */
export function sizeText({ changedBytes, totalBytes }: ContainerSize): string {
  return `${humanSize(changedBytes)} (virtual ${humanSize(totalBytes)})`
}
