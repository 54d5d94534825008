import type { LoggedIn, LoginFileOptions, LoginOptions, LoginPlace } from '@podwright/contracts'
import { certificateDirectories, listLogins, loadRegistriesConfig, login, logout, registriesConfigPaths } from '@podwright/distribution'
import type { EngineParts } from '../parts.ts'

/** Tries credentials at a registry, and keeps them when they are right. */
export async function logIn(parts: EngineParts, registry: string, options: LoginOptions): Promise<LoggedIn> {
  const { environment, clock } = parts
  const { username, password, tlsVerify, authFile, certificateDirectory, signal } = options
  const config = await loadRegistriesConfig(registriesConfigPaths({ environment }), { signal })
  const client = { certificateDirectories: certificateDirectories({ environment }), certificateDirectory, environment }
  const credentials = { type: 'basic', username, password } as const
  return login({ clock }, registry, credentials, { config, client, tlsVerify, authFile, environment, signal })
}

/** Forgets the credentials of a registry, or of all. */
export function logOut(parts: EngineParts, registry: string | undefined, options: LoginFileOptions): Promise<readonly LoginPlace[]> {
  const { environment, clock } = parts
  return logout({ clock }, registry, { ...options, environment })
}

/** The name that one is logged in by at a registry. */
export async function loggedInAs(parts: EngineParts, registry: string, options: LoginFileOptions): Promise<string | undefined> {
  const kept = await listLogins({}, { ...options, environment: parts.environment })
  return kept.find(({ key }) => key === registry)?.username
}
