import type { AbortOptions } from '@podwright/conventions'
import type { Compression } from './compression.ts'
import type { ByteSource } from './entry.ts'

/** A layer, compressed or not, that can be read more than once: each call begins anew, `() => createReadStream(path)`. */
export type LayerReader = () => ByteSource | Promise<ByteSource>

/** What functions over several layers have in common. */
export interface ReadLayersOptions extends AbortOptions {
  /** What the layers are compressed with. @default 'auto': each by its first bytes */
  readonly compression?: Compression | 'auto' | undefined
  /**
   * What becomes of an entry below a symbolic link of its own layer (`lib -> usr/lib`, then `lib/x`). `follow`: it is where the link leads, with
   * the image as root; `refuse`: ERR_ARCHIVE_UNSAFE_PATH. Below a link of another layer it is always refused.
   *
   * @default 'refuse'
   */
  readonly symlinkedParents?: 'refuse' | 'follow' | undefined
  /** Most entries of all layers that are read. @default no limit */
  readonly maxEntries?: number | undefined
}
