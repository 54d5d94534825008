import type { WireError } from './wire-error.ts'

/** The descriptor over which a worker and its caller speak, both ways, in lines of JSON. */
export const channelFd = 3

/** From the caller: a task, or the end of one that is called off. */
export type Request = { readonly id: number; readonly task: string; readonly args: unknown } | { readonly id: number; readonly abort: true }

/** From the worker: an event of a task, or its outcome. */
export type Response =
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError }
