/** What a name of a layer takes away (image-spec v1.1, "Layer", "Whiteouts"). */
export type Whiteout =
  /** `.wh.NAME`: the file or directory NAME of the layers below. */
  | { readonly type: 'whiteout'; readonly name: Uint8Array }
  /** `.wh..wh..opq`: everything that the layers below have in this directory. */
  | { readonly type: 'opaque' }
  /** `.wh..wh.*`: bookkeeping of AUFS, which is not for the tree. */
  | { readonly type: 'metadata' }

const prefix = Buffer.from('.wh.')
const metadataPrefix = Buffer.from('.wh..wh.')
const opaqueName = Buffer.from('.wh..wh..opq')

/** Whether the last component of an entry's name, `baseName`, is a whiteout. */
export function isWhiteout(baseName: Uint8Array): boolean {
  return startsWith(baseName, prefix)
}

/** What the last component of an entry's name, `baseName`, takes away; undefined for a plain name. */
export function parseWhiteout(baseName: Uint8Array): Whiteout | undefined {
  if (!startsWith(baseName, prefix)) return undefined
  if (opaqueName.equals(baseName)) return { type: 'opaque' }
  if (startsWith(baseName, metadataPrefix)) return { type: 'metadata' }
  return { type: 'whiteout', name: baseName.subarray(prefix.length) }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  if (bytes.length < start.length) return false
  for (let index = 0; index < start.length; index++) if (bytes[index] !== start[index]) return false
  return true
}
