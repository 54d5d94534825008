import type { ReadBlobOptions } from '@podwright/contracts'
import { systemCodeOf } from '@podwright/conventions'
import { join } from 'node:path'
import type { FileTree } from './file-tree.ts'
import { readAndClose } from './read-range.ts'

/** The files of a directory. Symbolic links are followed: whoever made them could have copied what they lead to. */
export function directoryTree(directory: string): FileTree {
  const sizeOf = async (name: string): Promise<number | undefined> => {
    const { stat } = await import('node:fs/promises')
    try {
      const found = await stat(join(directory, name))
      return found.isFile() ? found.size : undefined
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined
      throw error
    }
  }
  return {
    place: directory,
    sizeOf,
    open: async (name, { offset = 0, ...options } = {}) => {
      options.signal?.throwIfAborted()
      const sizeBytes = await sizeOf(name)
      return sizeBytes === undefined ? undefined : { sizeBytes, chunks: fileChunks(join(directory, name), offset, options) }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** The file is opened when the first chunk is asked for, so that nothing stays open of what is never read. */
async function* fileChunks(path: string, offset: number, options: ReadBlobOptions): AsyncGenerator<Uint8Array> {
  const { open } = await import('node:fs/promises')
  yield* readAndClose(await open(path), offset, options)
}
