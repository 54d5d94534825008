import type { Storage } from '@podwright/contracts'
import type { StorageComponents, StorageOptions } from './options.ts'

/** Opens a storage. */
export function openStorage(_components: StorageComponents, _options: StorageOptions): Promise<Storage> {
  throw new Error('not yet')
}
