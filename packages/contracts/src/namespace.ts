import type { AbortOptions } from '@podwright/conventions'

/** One line of an id map: the ids `containerId … containerId+size-1` inside are `hostId … hostId+size-1` outside. */
export interface IdMapping {
  readonly containerId: number
  readonly hostId: number
  /** How many ids, at least 1. */
  readonly size: number
}

/** The user and group id maps of a user namespace (user_namespaces(7)). */
export interface IdMap {
  readonly uids: readonly IdMapping[]
  readonly gids: readonly IdMapping[]
}

/**
 * A piece of work that must run where mapped files can be read and written: inside the user namespace when rootless. Arguments, result and
 * progress events cross a process boundary as JSON.
 *
 * The type parameters are carried by the token alone; a worker finds the handler by `name`.
 */
export interface NamespaceTask<Args, Result, Progress = never> {
  /** `package.verb`, such as `storage.unpack`. */
  readonly name: string
  /** Never set; makes the three types part of the token's type. */
  readonly types?: { readonly args: Args; readonly result: Result; readonly progress: Progress }
}

/** What a handler is given besides its arguments. */
export interface NamespaceTaskContext<Progress> {
  /** Aborted when the caller called the work off, or is gone. */
  readonly signal: AbortSignal
  readonly onProgress: (event: Progress) => void
}

/** A task's code, as a worker runs it. */
export type NamespaceTaskHandler<Args, Result, Progress = never> = (args: Args, context: NamespaceTaskContext<Progress>) => Promise<Result>

/** The handlers of a package by task name; lazily imported by a worker. */
export type NamespaceTaskHandlers = Readonly<Record<string, NamespaceTaskHandler<never, unknown, unknown>>>

/** Options of one task. */
export interface RunTaskOptions<Progress> extends AbortOptions {
  readonly onProgress?: ((event: Progress) => void) | undefined
}

/** A worker that stays for several tasks; they may run at the same time. Disposing it ends the process. */
export interface NamespaceSession extends AsyncDisposable {
  /** @throws what the handler threw, with its code, hint and details; `ERR_NAMESPACE_WORKER` when the worker died. */
  run<Args, Result, Progress>(task: NamespaceTask<Args, Result, Progress>, args: Args, options?: RunTaskOptions<Progress>): Promise<Result>
}

/** A component that runs things inside the engine's namespaces. Implemented by `userns`; for root, its prefix is empty. */
export interface NamespaceExecutor {
  /** Whether `prefix` leads into a user namespace of our own (rootless). */
  readonly rootless: boolean
  /** The id map of that namespace; undefined for root. Reading it makes no namespace. */
  idMap(): IdMap | undefined
  /**
   * The words that, put before a command, run it inside: `nsenter -t PID -U -m --preserve-credentials --`. Makes the namespaces when there
   * are none. The command starts in `/`, so its paths must be absolute. Empty for root.
   */
  prefix(options?: AbortOptions): Promise<readonly string[]>
  /** Starts a worker inside, for several tasks. */
  open(options?: AbortOptions): Promise<NamespaceSession>
  /** Runs one task in a worker of its own. */
  run<Args, Result, Progress>(task: NamespaceTask<Args, Result, Progress>, args: Args, options?: RunTaskOptions<Progress>): Promise<Result>
}
