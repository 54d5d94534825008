import { parseWhiteout, type Whiteout } from '../whiteouts.ts'
import { fromLatin1, latin1 } from './bytes.ts'
import { baseName, parentPath } from './clean-path.ts'

/** What a cleaned path is as a whiteout; `parent` is the directory that it acts in. */
export type WhiteoutPath =
  | { readonly type: 'none' }
  /** Bookkeeping of AUFS, or something in it. */
  | { readonly type: 'metadata' }
  | { readonly type: 'whiteout'; readonly parent: string; readonly name: string }
  | { readonly type: 'opaque'; readonly parent: string }
  /** Something that would be refused; why. */
  | { readonly type: 'wrong'; readonly reason: string }

const none: WhiteoutPath = { type: 'none' }

/** Reads the cleaned `path` of an entry, each byte one character. */
export function whiteoutPath(path: string): WhiteoutPath {
  if (!path.includes('.wh.')) return none
  const names = path.split('/')
  if (names.some((name) => name.startsWith('.wh..wh.') && name !== '.wh..wh..opq')) return { type: 'metadata' }
  if (names.slice(0, -1).some((name) => name.startsWith('.wh.'))) return { type: 'wrong', reason: 'it lies in a whiteout' }
  const whiteout = parseWhiteout(fromLatin1(baseName(path)))
  return whiteout ? inParent(whiteout, parentPath(path)) : none
}

function inParent(whiteout: Whiteout, parent: string): WhiteoutPath {
  if (whiteout.type !== 'whiteout') return { type: whiteout.type, parent }
  const name = latin1(whiteout.name)
  if (name === '' || name === '.' || name === '..') return { type: 'wrong', reason: 'a whiteout without a name' }
  return { type: 'whiteout', parent, name }
}
