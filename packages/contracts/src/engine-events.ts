import type { AbortOptions } from '@podwright/conventions'

/** What an event is about. */
export type EventType = 'container' | 'image' | 'volume'

/** Something that has happened to a container, an image or a volume. */
export interface EngineEvent {
  /** Grows from event to event. */
  readonly sequence: number
  readonly time: Date
  readonly type: EventType
  /** In podman's words: create, start, died, remove, pull, tag, … */
  readonly action: string
  /** The container's id, the image's, the volume's name. */
  readonly subject: string
  /** A container's labels, and `name`, `image`; what an action has to say: `exitCode`, `signal`, `oldName`. */
  readonly attributes: Readonly<Record<string, string>>
}

/** Options of `System.events`. */
export interface EventOptions extends AbortOptions {
  /** Only what happened from then on. @default with `follow` from now on, without it all that is kept */
  readonly since?: Date | undefined
  /** Only what happened before; the events end then. */
  readonly until?: Date | undefined
  /** Whether to wait for more. @default false */
  readonly follow?: boolean | undefined
}
