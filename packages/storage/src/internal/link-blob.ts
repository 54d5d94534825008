import { systemCodeOf } from '@podwright/conventions'
import type { Digest } from '@podwright/oci'
import { chmodSync, copyFileSync, constants, linkSync } from 'node:fs'
import { blobNotFound } from './blobs.ts'
import type { Store } from './store.ts'

/** Readable for all, since whoever gets the name may be another user; the directory of blobs is closed all the same. */
const mode = 0o444

/** A second name for a blob: no byte is copied, and it stays when the first one goes. @throws `ERR_BLOB_NOT_FOUND` */
export function linkBlob(store: Store, digest: Digest, path: string): void {
  const blob = store.paths.blob(digest)
  try {
    try {
      linkSync(blob, path)
    } catch (error) {
      if (systemCodeOf(error) !== 'EXDEV') throw error
      copyFileSync(blob, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') throw blobNotFound(digest)
    throw error
  }
  chmodSync(path, mode)
}
