import type { Digest } from '@podwright/oci'
import { rows, type Store, text } from './store.ts'

/** Repositories that had the blob, the latest first. */
export function blobLocations({ database }: Store, digest: Digest): string[] {
  const sql = 'SELECT repository FROM blob_locations WHERE digest = ? ORDER BY seen_ms DESC, repository'
  return rows(database, sql, digest).map(({ repository }) => text(repository))
}
