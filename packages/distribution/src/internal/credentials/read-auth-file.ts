import { messageOf, systemCodeOf } from '@podwright/conventions'
import { DistributionError } from '../../errors.ts'
import type { AuthFilePlace } from './auth-file-places.ts'
import type { AuthEntry, AuthFile } from './find-in-auth-file.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** Reads an auth.json or config.json. @returns undefined when it isn't there and need not be */
export async function readAuthFile({ path, required }: AuthFilePlace): Promise<AuthFile | undefined> {
  const { readFile } = await import('node:fs/promises')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = systemCodeOf(error)
    if (!required && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES')) return undefined
    throw invalid(path, messageOf(error), error)
  }
  return parseAuthFile(path, text)
}

function parseAuthFile(path: string, text: string): AuthFile {
  // The parser's message may quote the text, and the text is secret.
  const document = objectOf(parseJson(text))
  if (document === undefined) throw invalid(path, 'it is not a JSON object')
  const auths = Object.entries(objectOf(document['auths'] ?? {}) ?? {}).flatMap(([key, value]) => {
    const entry = parseEntry(path, key, objectOf(value))
    return entry === undefined ? [] : [[normalizeKey(key), entry] as const]
  })
  const helpers = Object.entries(objectOf(document['credHelpers'] ?? {}) ?? {}).flatMap(([key, value]) =>
    typeof value === 'string' && value !== '' ? [[normalizeKey(key), value] as const] : [],
  )
  const store = document['credsStore']
  return { path, auths: new Map(auths), helpers: new Map(helpers), store: typeof store === 'string' && store !== '' ? store : undefined }
}

function parseEntry(path: string, key: string, entry: JsonObject | undefined): AuthEntry | undefined {
  if (entry === undefined) return undefined
  const text = (name: string): string | undefined => (typeof entry[name] === 'string' && entry[name] !== '' ? entry[name] : undefined)
  const registryToken = text('registrytoken')
  if (registryToken !== undefined) return { type: 'bearer', registryToken }
  const auth = text('auth')
  const basic = auth === undefined ? { username: text('username'), password: text('password') } : decodeAuth(path, key, auth)
  const identityToken = text('identitytoken')
  if (identityToken !== undefined) return { type: 'identity', username: basic.username, identityToken }
  // Docker leaves an empty object where a helper has the secret.
  if (basic.username === undefined || basic.password === undefined) return undefined
  return { type: 'basic', username: basic.username, password: basic.password }
}

function decodeAuth(path: string, key: string, auth: string): { username: string | undefined; password: string | undefined } {
  // Old docker versions padded with NUL.
  const decoded = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '')
  const colon = decoded.indexOf(':')
  if (colon === -1) throw invalid(path, `"auth" of ${key} is not the base64 of user:password`)
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

/** Docker writes URLs (`https://index.docker.io/v1/`), podman names (`docker.io`, `quay.io/namespace`). */
function normalizeKey(key: string): string {
  const name = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '')
  return /^(?:index|registry-1)\.docker\.io$/.test(name) ? 'docker.io' : name
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}

function invalid(path: string, reason: string, cause?: unknown): DistributionError {
  return new DistributionError('ERR_CREDENTIALS_INVALID', `cannot read credentials from ${path}: ${reason}`, { cause, details: { path } })
}
