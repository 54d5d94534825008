import type { CreateSecretOptions, Secret, Secrets } from '@podwright/contracts'
import { randomHex } from '@podwright/linux'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { SealedSecret } from './secret-store.ts'

const idBytes = 13
const idDigits = 25
/** podman: "less than 512000 bytes". */
const mostBytes = 511_999
/** podman's of 2023 and later; before, names had 64 characters at most. */
const nameForm = /^[a-zA-Z0-9](?:[a-zA-Z0-9_.-]{0,251}[a-zA-Z0-9_])?$/

/** The engine's secrets. */
export function createSecrets(parts: EngineParts): Secrets {
  return {
    create: (options) => createSecret(parts, options),
    list: async () => (await parts.store()).secrets.list(),
    inspect: async (reference) => withoutContent((await parts.store()).secrets.require(reference)),
    async reveal(reference) {
      const { id, sealed } = (await parts.store()).secrets.require(reference)
      return (await import('./seal.ts')).unseal(parts.paths.secretKey, id, sealed)
    },
    async remove(reference) {
      const { secrets } = await parts.store()
      const { id } = secrets.require(reference)
      await secrets.remove(id)
      return id
    },
  }
}

async function createSecret(parts: EngineParts, { name, data, labels = {}, replace = false }: CreateSecretOptions): Promise<Secret> {
  if (!nameForm.test(name)) {
    throw new EngineError('ERR_SECRET_NAME_INVALID', `cannot make the secret ${JSON.stringify(name)}: that is not a name`, {
      hint: 'A name has letters, digits, "_", "." and "-", begins with a letter or a digit, does not end in "." or "-", and has 253 characters at most.',
      details: { name },
    })
  }
  if (data.byteLength === 0 || data.byteLength > mostBytes) {
    throw new EngineError(
      'ERR_SECRET_SIZE',
      `cannot make the secret ${name}: it has ${data.byteLength} bytes, and may have from 1 to ${mostBytes}`,
      {
        details: { name, bytes: data.byteLength },
      },
    )
  }
  const store = await parts.store()
  const id = randomHex(idBytes).slice(0, idDigits)
  const { seal } = await import('./seal.ts')
  const now = new Date(parts.clock.now())
  const secret = { id, name, driver: 'file', labels, createdAt: now, updatedAt: now } as const
  await store.secrets.insert({ ...secret, sealed: seal(parts.paths.secretKey, id, data) }, { replace })
  return secret
}

function withoutContent({ sealed: _sealed, ...secret }: SealedSecret): Secret {
  return secret
}
