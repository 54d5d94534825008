import type { Digest } from '@podwright/oci'
import type { ArtifactFileChoice } from './engine-artifacts.ts'
import type { CreateVolumeOptions } from './volume.ts'

/** A mount that a user asked for. */
export interface ContainerMount {
  /**
   * `ramfs`: a tmpfs without a limit, never swapped out. `devpts`: terminals of its own, as in /dev/pts. `image`: the files of an image; `artifact`: those of an artifact
   * that is here, read-only.
   */
  readonly type: 'bind' | 'tmpfs' | 'volume' | 'ramfs' | 'devpts' | 'image' | 'artifact'
  /**
   * Absolute path on the host, for `bind`; for `volume` its name: without one it is anonymous, and made for the container; for `image` and `artifact` a reference, as
   * typed. The image is pulled as the container's own is.
   */
  readonly source?: string | undefined
  /** Absolute path in the container. Of an `artifact`: a directory that gets its files, or a file of the image that its one file takes the place of. */
  readonly target: string
  /** @default for `image` true; one that can be written to is empty again at the next start */
  readonly readOnly?: boolean | undefined
  /** For `image`: its id. As inspected; not to be given. */
  readonly imageId?: Digest | undefined
  /**
   * As after `mount -o`: `rshared`, `noexec`, `size=64m`. For `bind` also `idmap`: the files' ids are those that the container's user namespace has for them, or, with
   * `idmap=uids=FROM-TO-SIZE#…;gids=…`, others: of the host, or of the container after an `@`. It needs root and crun.
   */
  readonly options?: readonly string[] | undefined
  /** For `volume`: how it is made when it isn't there, and used. */
  readonly volume?: VolumeUse | undefined
  /** For `volume` and `image`: a path in it, from its root, that is mounted in its place. Links on the way never lead out of it. @default all of it */
  readonly subpath?: string | undefined
  /** For `artifact`: which of its files. @default all */
  readonly artifact?: ArtifactUse | undefined
  /** At each start, everything in it is given to the container's user. For `bind`, `volume` and `tmpfs`. @default false */
  readonly changeOwner?: boolean | undefined
  /** Give it an SELinux label that containers may use, or this one alone. Refused where SELinux is on: nothing is labelled yet. */
  readonly relabel?: 'shared' | 'private' | undefined
}

/** How a container uses a volume. */
export interface VolumeUse extends Pick<CreateVolumeOptions, 'driver' | 'options' | 'labels'> {
  /** Leave it empty, whatever the image has in the place that it is mounted on. @default false */
  readonly noCopy?: boolean | undefined
  /** Nobody named it. As inspected; not to be given. */
  readonly anonymous?: boolean | undefined
}

/** How a container uses an artifact. */
export interface ArtifactUse extends ArtifactFileChoice {
  /** What the file is called in the container's directory; of several, with `-0`, `-1`, … after it. @default its title, else its digest */
  readonly name?: string | undefined
  /** Those that were chosen, as they are called in its directory. As inspected; not to be given. */
  readonly files?: readonly { readonly name: string; readonly digest: Digest }[] | undefined
}

/** Another container whose mounts a new one shall have. */
export interface VolumesFrom {
  /** Its name, or a beginning of its id. */
  readonly container: string
  /** @default as it has them */
  readonly readOnly?: boolean | undefined
}

/** A volume in a container. */
export interface AttachedVolume {
  readonly name: string
  readonly driver: string
  /** Where its content is on the host. */
  readonly path: string
  /** Where it is in the container. */
  readonly target: string
}
