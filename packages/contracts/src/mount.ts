/** One mount(2), described so that whoever is in the right namespace can carry it out. */
export interface MountSpec {
  /** File system type: `overlay`, `bind`, `tmpfs`, `fuse.fuse-overlayfs`. */
  readonly type: string
  readonly source: string
  /** Absolute path. */
  readonly target: string
  /** As after `mount -o`. */
  readonly options: readonly string[]
  /** Directory from which relative paths in the options are resolved (they keep long overlay options under a page). */
  readonly workingDirectory?: string | undefined
}
