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
  /**
   * A command that does it in place of mount(8), run in `workingDirectory`, for what only a program of its own can mount. It ends once the mount is there;
   * umount(8) takes it away.
   */
  readonly command?: readonly string[] | undefined
}
