import type { Monitor, Runtime } from '@podwright/contracts'

/** What `createMonitor` builds on. */
export interface MonitorOptions {
  /** Absolute path of conmon. */
  readonly path: string
  readonly runtime: Runtime
  /** For short-lived sockets; must be short. @default bundle */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug' | undefined
}

/** A monitor that runs conmon (2.0 or newer) beside each container. */
export function createMonitor(options: MonitorOptions): Monitor {
  throw new Error(`unfinished ${options.path}`)
}

/** Where the monitor of a bundle listens. */
export function attachPaths(bundle: string): { readonly socketPath: string; readonly controlFifo: string } {
  return { socketPath: `${bundle}/attach`, controlFifo: `${bundle}/ctl` }
}
