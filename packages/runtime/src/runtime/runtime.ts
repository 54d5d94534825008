import type { Runtime } from '@podwright/contracts'

/** What `createRuntime` builds on. */
export interface RuntimeOptions {
  readonly name: string
  /** Absolute. */
  readonly path: string
  /** Directory of the runtime's own state; on a tmpfs, short-lived, absolute. */
  readonly root: string
  readonly rootless: boolean
  readonly cgroups: 'enabled' | 'disabled'
  /** @default 'cgroupfs' */
  readonly cgroupManager?: 'cgroupfs' | 'systemd' | undefined
  /** The words that lead into the engine's namespaces (`NamespaceExecutor.prefix`). @default none */
  readonly prefix?: (() => Promise<readonly string[]>) | undefined
}

/** An OCI runtime's command line as a component. */
export function createRuntime(options: RuntimeOptions): Runtime {
  throw new Error(`unfinished ${options.name}`)
}
