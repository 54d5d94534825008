import * as z from 'zod/mini'
import { orElse, readJson } from '../read-json.ts'
import { invalidAuthFile } from './invalid-auth-file.ts'
import { normalizeKey } from './auth-keys.ts'
import type { AuthEntry, AuthFile } from './find-in-auth-file.ts'

/** A text; what is empty or none counts as absent. */
const text = () => orElse(z.optional(z.string().check(z.minLength(1))), undefined)

const authEntry = () => z.object({ auth: text(), username: text(), password: text(), identitytoken: text(), registrytoken: text() })

/** containers-auth.json(5), and docker's config.json, which has more. */
const authDocument = () =>
  z.object({
    auths: orElse(z.record(z.string(), orElse(z.optional(authEntry()), undefined)), {}),
    credHelpers: orElse(z.record(z.string(), text()), {}),
    credsStore: text(),
  })

/** @throws DistributionError `ERR_CREDENTIALS_INVALID` */
export function parseAuthFile(path: string, json: string): AuthFile {
  const document = readJson(authDocument(), json)
  if (document === undefined) throw invalidAuthFile(path, 'it is not a JSON object')
  const auths = Object.entries(document.auths).flatMap(([key, value]) => {
    const entry = value && parseEntry(path, key, value)
    return entry === undefined ? [] : [[normalizeKey(key), entry] as const]
  })
  const helpers = Object.entries(document.credHelpers).flatMap(([key, name]) =>
    name === undefined ? [] : [[normalizeKey(key), name] as const],
  )
  return { path, auths: new Map(auths), helpers: new Map(helpers), store: document.credsStore }
}

function parseEntry(path: string, key: string, entry: z.output<ReturnType<typeof authEntry>>): AuthEntry | undefined {
  const { auth, username, password, identitytoken: identityToken, registrytoken: registryToken } = entry
  if (registryToken !== undefined) return { type: 'bearer', registryToken }
  const basic = auth === undefined ? { username, password } : decodeAuth(path, key, auth)
  if (identityToken !== undefined) return { type: 'identity', username: basic.username, identityToken }
  // Docker leaves an empty object where a helper has the secret.
  if (basic.username === undefined || basic.password === undefined) return undefined
  return { type: 'basic', username: basic.username, password: basic.password }
}

function decodeAuth(path: string, key: string, auth: string): { username: string | undefined; password: string | undefined } {
  // Old docker versions padded with NUL.
  const decoded = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '')
  const colon = decoded.indexOf(':')
  if (colon === -1) throw invalidAuthFile(path, `"auth" of ${key} is not the base64 of user:password`)
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
