import type { Digest } from '@podwright/oci'
import { change, rows, type Store, text } from './store.ts'
import type { Suspects } from './sweep.ts'

/**
 * Those that images have, that names lead to, and that are known by a digest; and what the lists among them have for members. An index that images came
 * in by is no list: it has members that were never fetched, and gives up those whose image was removed.
 */
const keptManifests = `
WITH RECURSIVE kept(digest) AS (
  SELECT manifest FROM image_manifests UNION SELECT manifest FROM names UNION SELECT manifest FROM repository_digests
),
listed(digest) AS (
  SELECT manifest FROM names WHERE image IS NULL
  UNION SELECT member.digest FROM listed JOIN manifest_references AS member ON member.manifest = listed.digest AND member.role = 'manifest'
)`

/** Inside a transaction: forgets manifests that nothing needs any more; what they refer to may have become garbage. */
export function forgetManifests(store: Store): Suspects {
  const sql = `${keptManifests} SELECT digest FROM manifests WHERE digest NOT IN kept AND digest NOT IN listed`
  const unneeded = rows(store.database, sql).map(({ digest }) => text(digest) as Digest)
  const blobs = new Set(unneeded)
  for (const manifest of unneeded) {
    const references = rows(store.database, 'SELECT digest FROM manifest_references WHERE manifest = ?', manifest)
    for (const { digest } of references) blobs.add(text(digest) as Digest)
    change(store.database, 'DELETE FROM manifests WHERE digest = ?', manifest)
  }
  return { blobs: [...blobs], layers: [] }
}
