import type { AbortOptions } from '@podwright/conventions'
import type { MountSpec } from './mount.ts'
import type { IdMap } from './namespace.ts'

/** What is at a path of a tree. */
export interface TreePath {
  /** Absolute in the tree, without a link on the way to the last component. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'other'
  /** As stat(2) has it, with the bits of the type. */
  readonly mode: number
  readonly sizeBytes: number
  readonly modified: Date
  /** Of a symbolic link: where it leads in the end, absolute in the tree, whether or not anything is there. */
  readonly linkTarget?: string | undefined
}

/** Options of `TreeFiles.stat`. */
export interface StatTreeOptions extends AbortOptions {
  /** What the last component leads to, if it is a link. A slash, or `/.`, at the end of the path says so too. @default false */
  readonly followLink?: boolean | undefined
}

/** Options of `TreeFiles.read`. */
export interface ReadTreeFilesOptions extends StatTreeOptions {
  /** What the file or directory is called in the tar; `.` for a directory's content alone. @default the last component of the path as given */
  readonly name?: string | undefined
  /** Whether extended attributes are packed. @default true */
  readonly xattrs?: boolean | undefined
  /** Pieces are good only until the next one is asked for: large files are copied faster. @default false */
  readonly transient?: boolean | undefined
  /** Is told of what is left out. */
  readonly onSkipped?: ((item: SkippedTreeFile) => void) | undefined
}

/** Options of `TreeFiles.write`. */
export interface WriteTreeFilesOptions extends AbortOptions {
  /** Whose the files are: the tree's root's, without setuid and setgid; or as the tar says. @default 'root' */
  readonly owners?: 'root' | 'archive' | undefined
  /** Whether directories that are there become as the tar has them, or keep owner, mode and time. @default 'stay' */
  readonly existingDirectories?: 'become' | 'stay' | undefined
  /** Whether a file may take a directory's place, and the other way round. @default false: `ERR_ARCHIVE_CONFLICT` */
  readonly overwrite?: boolean | undefined
  /** Is told of what is left out. */
  readonly onSkipped?: ((item: SkippedTreeFile) => void) | undefined
}

/** Something that a tar, or a file system, has no place for. */
export interface SkippedTreeFile {
  /** Its name in the tar. */
  readonly name: string
  readonly what: 'device' | 'socket' | 'xattr' | 'nanoseconds' | 'metadata' | 'file'
  /** A word such as `EPERM`, `asked`. */
  readonly reason: string
}

/**
 * The files of a tree, looked at from inside: its root is the root of whoever does the work, so that no link, not even one that is put in its way meanwhile,
 * leads out. Paths are absolute, or taken to be. Bytes flow while they are asked for.
 */
export interface TreeFiles extends AsyncDisposable {
  /** Undefined when nothing is there. */
  stat(path: string, options?: StatTreeOptions): Promise<TreePath | undefined>
  /**
   * A file or directory as an uncompressed tar, its own entry first. What other processes make of it meanwhile is taken as it comes.
   *
   * @throws `ERR_TREE_PATH` when nothing is there
   */
  read(path: string, options?: ReadTreeFilesOptions): AsyncIterable<Uint8Array>
  /**
   * Puts what a tar (plain, gzip or zstd) has into a directory that is there, beside what it has; files of the same name are replaced.
   *
   * @throws `ERR_TREE_PATH` when it isn't a directory, `ERR_ARCHIVE_CONFLICT`, `ERR_TREE_READ_ONLY`, `ERR_STORAGE_FULL`
   */
  write(directory: string, tar: AsyncIterable<Uint8Array>, options?: WriteTreeFilesOptions): Promise<void>
}

/** Where a tree is that files are to be read from and written to. */
export type TreePlace =
  /** The root of a process, with all that is mounted in it. */
  | { readonly type: 'process'; readonly pid: number; readonly startTime: number }
  /** A directory, once `mounts` are carried out where nobody else sees them. */
  | {
      readonly type: 'mounts'
      readonly mounts: readonly MountSpec[]
      /** Absolute. */
      readonly rootfs: string
      /** @default false */
      readonly readOnly?: boolean | undefined
      /** What else is to be seen in it, those above others first. */
      readonly binds: readonly TreeBind[]
    }

/** How a tree's files are opened. */
export interface OpenTreeFilesOptions extends AbortOptions {
  /** The ids of its files were put through this: what is read has those from before, and what is written is put through it, too. @default none */
  readonly idMap?: IdMap | undefined
}

/** A file or directory of the host that is to be seen in a tree. */
export interface TreeBind {
  readonly source: string
  /** A directory on the way to the source, below which others may change what is there: a link that was put in the way is an error. @default none */
  readonly within?: string | undefined
  /** Absolute in the tree. */
  readonly target: string
  readonly readOnly: boolean
  /** What becomes of it when its place isn't there: it is made, or left out. */
  readonly missingTarget: 'make' | 'skip'
}
