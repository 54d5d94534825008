import type { ImageDestination } from '@podwright/contracts'

/** Options of `createLayoutDestination`. */
export interface LayoutDestinationOptions {
  /** The image's `org.opencontainers.image.ref.name`; an image that has it loses it. @default none */
  readonly name?: string | undefined
}

/** Writes an image into an OCI image layout, which is made when it isn't there. */
export function createLayoutDestination(_directory: string, _options: LayoutDestinationOptions = {}): ImageDestination {
  throw new Error('pending')
}
