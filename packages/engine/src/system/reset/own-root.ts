import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../errors.ts'
import { engineSchema } from '../../state/schema.ts'

/** `PRAGMA application_id` of a storage's database, as `@podwright/storage` writes it: "pwst". */
const storageApplicationId = 0x70777374

/**
 * Tells by the databases whether a directory is an engine's: by one of them at least, and none that says otherwise. `empty`: nothing has ever been kept there.
 *
 * @throws `ERR_ENGINE_ROOT_FOREIGN`
 */
export async function requireOwnRoot(root: string): Promise<'own' | 'empty'> {
  const ids = [
    { path: join(root, 'engine.db'), wanted: engineSchema.applicationId },
    { path: join(root, 'storage.db'), wanted: storageApplicationId },
  ]
  let isOwn = false
  for (const { path, wanted } of ids) {
    const id = existsSync(path) ? await readApplicationId(path) : undefined
    if (id === wanted) isOwn = true
    else if (id !== undefined && id !== 0) throw foreign(root, `${path} is a database of another program`)
  }
  if (isOwn) return 'own'
  if (isEmpty(root)) return 'empty'
  throw foreign(root, "neither engine.db nor storage.db there says that it is an engine's")
}

/** Undefined when it can't be read. */
async function readApplicationId(path: string): Promise<number | undefined> {
  const { DatabaseSync: Sqlite } = await import('node:sqlite')
  try {
    const database = new Sqlite(path, { readOnly: true, timeout: 5_000 })
    try {
      return Number(database.prepare('PRAGMA application_id').get()?.['application_id'])
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}

/** An engine that is opened makes a directory for containers, before it is known what is to be done. */
function isEmpty(root: string): boolean {
  const names = readdirSync(root)
  return names.every((name) => name === 'containers') && (names.length === 0 || readdirSync(join(root, 'containers')).length === 0)
}

function foreign(root: string, reason: string): EngineError {
  return new EngineError('ERR_ENGINE_ROOT_FOREIGN', `cannot reset ${root}: ${reason}`, {
    hint: 'Look at what is there, and delete it yourself if it is to go.',
    details: { root },
  })
}
