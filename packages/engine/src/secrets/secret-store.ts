import type { Secret } from '@podwright/contracts'
import type { Database } from '@podwright/linux'
import { EngineError } from '../errors.ts'

/** A secret with what is secret of it, closed up. */
export interface SealedSecret extends Secret {
  readonly sealed: Uint8Array
}

/** The secrets in the engine's database. */
export interface SecretStore {
  list(): Secret[]
  /** By name, id, or beginning of an id. @throws `ERR_SECRET_NOT_FOUND`, `ERR_SECRET_AMBIGUOUS` */
  require(reference: string): SealedSecret
  /** In one step, so that of two with one name one comes first. @throws `ERR_SECRET_NAME_IN_USE` unless it takes the place */
  insert(secret: SealedSecret, options: { readonly replace: boolean }): Promise<void>
  remove(id: string): Promise<void>
  /** What a container has of a secret, as it was at its creation. */
  ofContainer(container: string, secret: string): Uint8Array | undefined
}

const columns = 'id, name, labels, created_at, updated_at'

export function secretStore(database: Database): SecretStore {
  const select = (where: string, value: string): SealedSecret[] =>
    database.statement(`SELECT ${columns}, sealed FROM secrets WHERE ${where} ORDER BY name`).all(value).map(toSealed)
  return {
    list: () => database.statement(`SELECT ${columns} FROM secrets ORDER BY name`).all().map(toSecret),
    require(reference) {
      const [exact] = [...select('name = ?', reference), ...select('id = ?', reference)]
      if (exact !== undefined) return exact
      const [found, other] = /^[0-9a-f]+$/.test(reference) ? select('id GLOB ?', `${reference}*`) : []
      if (found === undefined) throw notFound(reference)
      if (other === undefined) return found
      throw new EngineError('ERR_SECRET_AMBIGUOUS', `"${reference}" is the beginning of several secrets' ids`, {
        hint: 'Give more of the id, or the name.',
        details: { reference },
      })
    },
    async insert({ id, name, labels, createdAt, updatedAt, sealed }, { replace }) {
      await database.transaction(() => {
        if (replace) database.statement('DELETE FROM secrets WHERE name = ?').run(name)
        else if (select('name = ?', name).length > 0) throw nameInUse(name)
        database
          .statement('INSERT INTO secrets (id, name, labels, created_at, updated_at, sealed) VALUES (?, ?, ?, ?, ?, ?)')
          .run(id, name, JSON.stringify(labels), createdAt.getTime(), updatedAt.getTime(), sealed)
      })
    },
    async remove(id) {
      await database.transaction(() => database.statement('DELETE FROM secrets WHERE id = ?').run(id), { makesRoom: true })
    },
    ofContainer(container, secret) {
      const found = database
        .statement('SELECT sealed FROM container_secrets WHERE container_id = ? AND secret_id = ?')
        .get(container, secret)
      return found === undefined ? undefined : (found['sealed'] as Uint8Array)
    },
  }
}

/** Inside the transaction that makes a container: its own copy of each secret, which goes with it. @throws `ERR_SECRET_NOT_FOUND` */
export function keepSecrets(database: Database, container: string, secrets: ReadonlySet<string>): void {
  for (const id of secrets) {
    const { changes } = database
      .statement('INSERT INTO container_secrets (container_id, secret_id, sealed) SELECT ?, id, sealed FROM secrets WHERE id = ?')
      .run(container, id)
    if (Number(changes) === 0) throw notFound(id)
  }
}

function toSecret(found: Record<string, unknown>): Secret {
  return {
    id: String(found['id']),
    name: String(found['name']),
    driver: 'file',
    labels: JSON.parse(String(found['labels'])) as Secret['labels'],
    createdAt: new Date(Number(found['created_at'])),
    updatedAt: new Date(Number(found['updated_at'])),
  }
}

function toSealed(found: Record<string, unknown>): SealedSecret {
  return { ...toSecret(found), sealed: found['sealed'] as Uint8Array }
}

function notFound(reference: string): EngineError {
  return new EngineError('ERR_SECRET_NOT_FOUND', `no secret has the name or id "${reference}"`, {
    hint: 'podwright secret ls shows all secrets.',
    details: { reference },
  })
}

function nameInUse(name: string): EngineError {
  return new EngineError('ERR_SECRET_NAME_IN_USE', `cannot make the secret ${name}: there is one of that name`, {
    hint: `Take another name, or put this one in its place: podwright secret create --replace ${name} FILE`,
    details: { name },
  })
}
