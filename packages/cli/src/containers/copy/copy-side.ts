import type { ReadTreeFilesOptions, StatTreeOptions, TreeFiles, TreePath, WriteTreeFilesOptions } from '@podwright/contracts'

/** One side of a copy: a container's files, or those here. */
export interface CopySide extends Pick<TreeFiles, 'read' | 'write'> {
  /** For messages: `web:/etc`, `./etc`. */
  nameOf(path: string): string
  stat(path: string, options?: StatTreeOptions): Promise<TreePath | undefined>
}

/** A container's side. */
export function containerSide(reference: string, files: TreeFiles): CopySide {
  return {
    nameOf: (path) => `${reference}:${path}`,
    stat: (path, options) => files.stat(path, options),
    read: (path, options?: ReadTreeFilesOptions) => files.read(path, options),
    write: (directory, tar, options?: WriteTreeFilesOptions) => files.write(directory, tar, options),
  }
}
