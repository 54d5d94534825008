/** Where what a container writes goes. `json-file` is `k8s-file` under docker's name. */
export type LogDriver = 'k8s-file' | 'json-file' | 'journald' | 'none' | 'passthrough'

/** How a container is logged. */
export interface ContainerLogging {
  /**
   * `journald`: the journal of the host, which must have one; `none`: nowhere; `passthrough`: its stdin, stdout and stderr are those of the process that
   * starts it, so there is nothing to attach to.
   *
   * @default 'k8s-file'
   */
  readonly driver?: LogDriver | undefined
  /** For files: absolute path of the log on the host. It stays when the container is removed. @default in the container's directory */
  readonly path?: string | undefined
  /** For files: a file that has so many bytes is put aside, and a new one begun. @default never */
  readonly maximumBytes?: number | undefined
  /** For files: how many there are at most, the newest among them; needs `maximumBytes`. @default 2 */
  readonly maximumFiles?: number | undefined
  /** What its lines are filed under in a journal, and the detail `tag` of each: `{{.Name}}/{{.ID}}`. */
  readonly tag?: string | undefined
  /** Names of its labels that are details of each line. */
  readonly labels?: readonly string[] | undefined
  /** Names of its variables that are. */
  readonly environment?: readonly string[] | undefined
}

/** Part of the options of a container. */
export interface ContainerLoggingOptions {
  readonly logging?: ContainerLogging | undefined
}
