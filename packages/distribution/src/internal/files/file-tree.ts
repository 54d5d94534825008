import type { ReadBlobOptions } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'

/** A file that is being read. */
export interface OpenedFile {
  readonly sizeBytes: number
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Options of reading a file. */
export interface OpenFileOptions extends ReadBlobOptions {
  /** Where to begin, in bytes. @default 0 */
  readonly offset?: number | undefined
}

/** Files by names with slashes, relative and checked: a directory, or a tar. */
export interface FileTree extends AsyncDisposable {
  /** For messages: the path. */
  readonly place: string
  /** @returns undefined when there is no such file */
  sizeOf(name: string): Promise<number | undefined>
  /** @returns undefined when there is no such file */
  open(name: string, options?: OpenFileOptions): Promise<OpenedFile | undefined>
}

/** @returns undefined for a file that isn't there; `tooLarge` throws for one that has more bytes than it may */
export async function readWhole(
  tree: FileTree,
  name: string,
  maximumBytes: number,
  tooLarge: (sizeBytes: number) => Error,
  options: AbortOptions = {},
): Promise<Uint8Array | undefined> {
  const sizeBytes = await tree.sizeOf(name)
  if (sizeBytes !== undefined && sizeBytes > maximumBytes) throw tooLarge(sizeBytes)
  const file = sizeBytes === undefined ? undefined : await tree.open(name, options)
  if (file === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of file.chunks) chunks.push(chunk)
  return Buffer.concat(chunks)
}
