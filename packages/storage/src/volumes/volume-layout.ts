import { randomHex } from '@podwright/linux'
import { join } from 'node:path'

/**
 * What lies in a volume's directory besides what its driver puts there. A directory is a volume when it has a record; without one, it is being made or
 * removed by whoever holds the lock, or was left by somebody who died at that.
 */
export interface VolumeFiles {
  readonly directory: string
  /** flock(2): alone to make, change or remove the volume; shared to use it. */
  readonly lock: string
  readonly record: string
  /** The record of one that is being made or removed. */
  readonly pending: string
  /** Files named by who uses the volume. */
  readonly holders: string
  /** Files named by whom it is mounted for. */
  readonly mounts: string
  /** There while the volume never had content. */
  readonly needsCopyUp: string
  /** Content that is being copied, and that is complete and waits to be put in its place. */
  readonly copyUpPart: string
  readonly copyUp: string
}

/** Where the volumes of a data root are. No volume's name begins with a dot. */
export interface VolumeLayout {
  readonly root: string
  readonly trash: string
  files(name: string): VolumeFiles
  /** A new name for what is to be deleted. */
  discarded(): string
}

export function volumeLayout(dataRoot: string): VolumeLayout {
  const root = join(dataRoot, 'volumes')
  const trash = join(root, '.trash')
  return {
    root,
    trash,
    discarded: () => join(trash, randomHex(8)),
    files(name) {
      const directory = join(root, name)
      return {
        directory,
        lock: join(directory, '.lock'),
        record: join(directory, '.volume.json'),
        pending: join(directory, '.pending.json'),
        holders: join(directory, '.holders'),
        mounts: join(directory, '.mounts'),
        needsCopyUp: join(directory, '.needs-copy-up'),
        copyUpPart: join(directory, '.copy-up.part'),
        copyUp: join(directory, '.copy-up'),
      }
    },
  }
}
