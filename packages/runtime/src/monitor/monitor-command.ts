import type { MountSpec } from '@podwright/contracts'

/** Options of `monitorCommand`. */
export interface MonitorCommandOptions {
  /** The command's directory: a namespace prefix starts in `/`. @default `/` */
  readonly directory?: string | undefined
}

/**
 * The command line that carries out `mounts` in a mount namespace of its own and then becomes `command` in it. The mounts end with the last
 * process there. Nothing of what is handed in becomes shell text.
 */
export function monitorCommand(
  prefix: readonly string[],
  mounts: readonly MountSpec[],
  command: readonly string[],
  options: MonitorCommandOptions = {},
): readonly string[] {
  throw new Error(`unfinished ${prefix.length} ${mounts.length} ${command.length} ${options.directory}`)
}
