import { isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import { basename, dirname, join } from 'node:path'
import type { Credentials } from '../../credentials.ts'
import { DistributionError } from '../../errors.ts'
import { dockerHubKey, normalizeKey } from './auth-keys.ts'
import { withFileLock, type WithFileLockOptions } from './with-file-lock.ts'

/** What is written of credentials; `undefined` takes them away. */
export type AuthEdit = { readonly key: string; readonly credentials: Credentials | undefined } | 'remove-all'

type JsonObject = Readonly<Record<string, unknown>>

/**
 * Changes one entry of an auth file, or drops all; what else is in the file stays. The file is replaced as a whole, readable by its owner alone, and no
 * two edits are under way at a time.
 *
 * @returns whether there was anything to change
 * @throws DistributionError `ERR_CREDENTIALS_INVALID` for a file that can't be read, which is then left alone; `ERR_CREDENTIALS_NOT_WRITTEN`
 */
export async function editAuthFile(file: string, edit: AuthEdit, options: WithFileLockOptions = {}): Promise<boolean> {
  const { mkdir, realpath } = await import('node:fs/promises')
  const removes = edit === 'remove-all' || edit.credentials === undefined
  try {
    if (!removes) await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    // A link, as from a dotfiles repository, stays one.
    const path = await realpath(file).catch(() => file)
    // What isn't there needs no lock file beside it to be taken away.
    if (removes && (await readDocument(path)) === undefined) return false
    return await withFileLock(join(dirname(path), `.${basename(path)}.lock`), () => editLocked(path, edit), options)
  } catch (error) {
    options.signal?.throwIfAborted()
    throw isPodwrightError(error) ? error : notWritten(file, error)
  }
}

async function editLocked(path: string, edit: AuthEdit): Promise<boolean> {
  const document = (await readDocument(path)) ?? {}
  const before = isObject(document['auths']) ? document['auths'] : {}
  const after = edit === 'remove-all' ? {} : editedAuths(before, edit, path)
  if (Object.keys(before).length === 0 && Object.keys(after).length === 0) return false
  if (edit !== 'remove-all' && edit.credentials === undefined && Object.keys(after).length === Object.keys(before).length) return false
  // A tab, as docker and podman write it.
  await replace(path, `${JSON.stringify({ ...document, auths: after }, undefined, '\t')}\n`)
  return true
}

function editedAuths(auths: JsonObject, { key, credentials }: Exclude<AuthEdit, string>, path: string): JsonObject {
  // The same registry may stand there by another of its names.
  const others = Object.entries(auths).filter(([name]) => normalizeKey(name) !== key)
  if (credentials === undefined) return Object.fromEntries(others)
  const name = key === 'docker.io' && basename(path) === 'config.json' ? dockerHubKey : key
  return Object.fromEntries([...others, [name, entryOf(credentials)]])
}

function entryOf(credentials: Credentials): JsonObject {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
  if (credentials.type === 'bearer') return { registrytoken: credentials.registryToken }
  if (credentials.type === 'basic') return { auth: base64(`${credentials.username}:${credentials.password}`) }
  return { auth: base64(`${credentials.username ?? ''}:`), identitytoken: credentials.identityToken }
}

async function readDocument(path: string): Promise<JsonObject | undefined> {
  const { readFile } = await import('node:fs/promises')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
  if (text.trim() === '') return {}
  const document = parseJson(text)
  if (isObject(document)) return document
  throw new DistributionError('ERR_CREDENTIALS_INVALID', `cannot change the credentials in ${path}: it is not a JSON object`, {
    hint: `Repair ${path}, or move it away.`,
    details: { path },
  })
}

/** Not the parser's message: it quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Under the lock, so that one name does for all; a leftover of somebody who was killed is not written through. */
async function replace(path: string, text: string): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises')
  const temporary = join(dirname(path), `.${basename(path)}.new`)
  await rm(temporary, { force: true })
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notWritten(file: string, cause: unknown): DistributionError {
  return new DistributionError('ERR_CREDENTIALS_NOT_WRITTEN', `cannot write credentials to ${file}: ${messageOf(cause)}`, {
    cause,
    hint: 'Name another file: --authfile FILE, or REGISTRY_AUTH_FILE in the environment.',
    details: { path: file },
  })
}
