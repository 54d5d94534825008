import type { Digest } from '@podwright/oci'
import { existsSync } from 'node:fs'
import { layerChain } from '../layers.ts'
import { change, optionalText, rows, text } from '../store.ts'
import type { Check, Problem } from './problem.ts'

/** Snapshots without directories, and on what isn't there. */
export function* checkSnapshots({ store, parts }: Check): Generator<Problem> {
  for (const columns of rows(store.database, 'SELECT * FROM snapshots WHERE ready = 1 ORDER BY key')) {
    const key = text(columns['key'])
    const image = optionalText(columns['image']) as Digest | undefined
    const pull = image === undefined ? [] : (parts.pull.get(image) ?? [])
    if (!existsSync(store.paths.snapshot(key))) {
      const clear = (): Promise<unknown> =>
        store.database.transaction(() => change(store.database, 'DELETE FROM snapshots WHERE key = ?', key))
      const action = 'What was written to it is lost; its row is removed, so that it can be made anew.'
      yield { kind: 'snapshot-missing', subject: key, reason: 'its directory is not there', action, clear }
      continue
    }
    const top = optionalText(columns['top_layer'])
    const chain = layerChain(store, top)
    if (top === undefined || chain.at(-1)?.isLowest === true) continue
    const action = pull.length > 0 ? 'Pull its image again.' : 'It can not be used until its image is back.'
    yield { kind: 'snapshot-broken', subject: key, reason: `of its layers only ${chain.length} are recorded`, action, pull }
  }
}
