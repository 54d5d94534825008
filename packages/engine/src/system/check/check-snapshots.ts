import { acts, type Check, type Problem } from './problem.ts'

/** Trees that no container owns: the storage can't tell those by itself. */
export async function* checkSnapshots({ parts, options }: Check): AsyncGenerator<Problem> {
  const storage = await parts.storage()
  const snapshotKeys = new Set((await parts.store()).list().map(({ id }) => id))
  const collect = { snapshotKeys, minAgeMs: options.minAgeMs, signal: options.signal }
  const { items } = await storage.collectGarbage({ ...collect, dryRun: !acts(options) })
  for (const { name } of items) {
    // It is gone already: the storage looks and deletes in one transaction.
    const mend = (): Promise<void> => Promise.resolve()
    yield { kind: 'garbage', subject: name, reason: 'nobody owns it', action: 'It is deleted.', mend }
  }
}
