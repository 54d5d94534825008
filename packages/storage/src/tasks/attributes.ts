import { chmodSync, chownSync } from 'node:fs'
import type { AttributesArgs } from './tasks.ts'

/** The handler of `storage.attributes`. */
export function setAttributes({ directory, attributes }: AttributesArgs): Promise<null> {
  // A change of the owner takes set-id bits away.
  chownSync(directory, attributes.uid, attributes.gid)
  chmodSync(directory, attributes.mode)
  return Promise.resolve(null)
}
