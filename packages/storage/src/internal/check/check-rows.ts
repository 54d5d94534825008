import type { Digest } from '@podwright/oci'
import { change, rows, text } from '../store.ts'
import type { Check, Problem } from './problem.ts'

/** What SQLite itself says of the file. */
export function* checkDatabase({ store }: Check): Generator<Problem> {
  const { sqlite } = store.database
  const found = sqlite.prepare('PRAGMA integrity_check').all() as { readonly integrity_check?: string }[]
  const messages = found.map(({ integrity_check: message = '' }) => message).filter((message) => message !== 'ok')
  if (messages.length === 0) return
  const mend = async (): Promise<unknown> => (await import('../rebuild-database.ts')).rebuildOpenDatabase(store)
  const action = 'Its readable rows are copied to a new one, and what is missing is found again on the disk.'
  yield { kind: 'database', subject: store.paths.database, reason: messages.slice(0, 3).join('; '), action, mend }
}

/** Rows that lead to rows that aren't there, and names that lead to what nothing can be made of. */
export function* checkNames({ store }: Check): Generator<Problem> {
  const { database } = store
  const sql = `SELECT name, manifest FROM names WHERE manifest NOT IN (SELECT digest FROM manifests)
    OR (image IS NOT NULL AND image NOT IN (SELECT id FROM images))
    OR (image IS NULL AND manifest IN (SELECT digest FROM manifests WHERE kind = 'manifest'))`
  for (const { name } of rows(database, sql)) {
    const clear = (): Promise<unknown> => database.transaction(() => change(database, 'DELETE FROM names WHERE name = ?', text(name)))
    yield {
      kind: 'name-dangling',
      subject: text(name),
      reason: 'the name leads to nothing',
      action: 'The name is removed.',
      clear,
      pull: [],
    }
  }
  const orphans = ['image_manifests', 'repository_digests'].flatMap((table) =>
    rows(
      database,
      `SELECT '${table}' AS origin, image, manifest FROM ${table} WHERE image NOT IN (SELECT id FROM images) OR manifest NOT IN (SELECT digest FROM manifests)`,
    ),
  )
  for (const { origin, image, manifest } of orphans) {
    const mend = (): Promise<unknown> =>
      database.transaction(() =>
        change(database, `DELETE FROM ${text(origin)} WHERE image = ? AND manifest = ?`, text(image), text(manifest)),
      )
    const reason = 'a row leads to an image or manifest that is not recorded'
    yield { kind: 'manifest-rows', subject: text(manifest), reason, images: [text(image) as Digest], action: 'The row is removed.', mend }
  }
}
