import type { AbortOptions } from '@podwright/conventions'
import type { Descriptor } from '@podwright/oci'
import type { ImageDestination, ImageSource } from './image-transport.ts'

/** Where an image is, in the words of a transport: `oci:/tmp/layout:app`. Transports add what they read out of the text. */
export interface ImageName {
  /** What stands before the first colon: `oci`. */
  readonly transport: string
  /** What stands behind it, in the one form that the transport writes: `/tmp/layout:app`. */
  readonly text: string
}

/** One of the images at a place. */
export interface ListedImage {
  /** Leads to it alone. */
  readonly image: ImageName
  /** What it is called there, such as a tag; undefined when it has no name. */
  readonly name: string | undefined
  /** Where it is known without asking for each. */
  readonly descriptor?: Descriptor | undefined
}

/** How a place is opened to be written to. */
export interface OpenDestinationOptions extends AbortOptions {
  /** Where the image comes from: what lies at the same place need not go through here. @default unknown */
  readonly source?: ImageName | undefined
}

/**
 * A way to keep images, and to name them: a registry, a layout, an archive, an engine's storage. A plugin adds one. What it can't do it has no method
 * for. Texts come from whoever types, images from strangers.
 */
export interface ImageTransport<Name extends ImageName = ImageName> {
  /** Lower-case letters, digits and dashes. */
  readonly name: string
  /**
   * Reads what stands behind the colon. Nothing is asked and no file is looked at.
   *
   * @throws an error with a code that says what is wrong with the text
   */
  parse(text: string): Name
  openSource?(name: Name, options?: AbortOptions): Promise<ImageSource>
  openDestination?(name: Name, options?: OpenDestinationOptions): Promise<ImageDestination>
  /** The images at the place that the name leads to, whichever of them it names. */
  list?(name: Name, options?: AbortOptions): AsyncIterable<ListedImage>
  /** Takes an image away, and what nothing else there needs. */
  delete?(name: Name, options?: AbortOptions): Promise<void>
}
