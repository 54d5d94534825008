/** An executable on this host. */
export interface FoundTool {
  readonly name: string
  readonly path: string
}

/**
 * Finds conmon: by `path` or name when given, else on PATH and in /usr/libexec/podman, /usr/lib/podman, /usr/libexec/crio.
 *
 * @throws `ERR_MONITOR_NOT_FOUND`
 */
export function findMonitor(options: { readonly path?: string | undefined } = {}): Promise<FoundTool> {
  throw new Error(`unfinished ${options.path}`)
}
