import type { RuntimeProcess, RuntimeSpec } from '@podwright/oci'

/** A command inside a running container. */
export interface ExecProcessInput {
  /** The container's own spec: its environment, limits, capabilities and security settings hold for the command, too. */
  readonly spec: RuntimeSpec
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>> | undefined
  readonly workingDirectory?: string | undefined
  /** @default the container's */
  readonly user?: string | undefined
  /** Texts of the container's /etc/passwd and /etc/group; only needed with `user`. */
  readonly passwd?: string | undefined
  readonly group?: string | undefined
  readonly terminal?: boolean | undefined
  readonly privileged?: boolean | undefined
  /** What `privileged` gives: the capabilities of `HostFacts`. */
  readonly hostCapabilities?: readonly string[] | undefined
  readonly consoleSize?: { readonly rows: number; readonly columns: number } | undefined
}

/** The process document of an exec session. */
export function execProcess(input: ExecProcessInput): RuntimeProcess {
  throw new Error(`unfinished ${input.command.length}`)
}
