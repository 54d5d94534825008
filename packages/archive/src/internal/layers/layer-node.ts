import type { TarEntry } from '../../entry.ts'

/** A file of one layer, whatever its names. */
export interface LayerFile {
  readonly type: 'file'
  /** Which layer has it; 0 is the lowest. */
  readonly layer: number
  /** Its place among the entries of that layer, from 0. */
  readonly ordinal: number
  /** Kept for symbolic links, and for everything where entries are wanted. */
  readonly entry: TarEntry | undefined
  /** Path of a file of the layers below that this is a hard link to. */
  readonly below: string | undefined
}

/** A directory of one layer. */
export interface LayerDirectory {
  readonly type: 'directory'
  readonly layer: number
  /** Undefined when the layer has something in it, but not the directory itself. */
  entry: TarEntry | undefined
  /** Whether something in it came before itself, so that the layer expected a directory here. */
  readonly isImplied: boolean
  readonly children: Map<string, LayerNode>
  /** What of the layers below is not to be seen: what is in the directory, or even what the directory was. */
  hides: 'nothing' | 'contents' | 'all'
}

/** What a layer says of one name. */
export type LayerNode = LayerFile | LayerDirectory | { readonly type: 'whiteout' }

export const whiteoutNode: LayerNode = { type: 'whiteout' }

export function createDirectory(layer: number, entry: TarEntry | undefined, hides: LayerDirectory['hides']): LayerDirectory {
  return { type: 'directory', layer, entry, isImplied: entry === undefined && hides === 'nothing', children: new Map(), hides }
}
