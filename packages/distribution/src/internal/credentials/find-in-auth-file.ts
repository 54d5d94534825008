import type { Credentials } from '../../credentials.ts'
import { keysOf } from './auth-keys.ts'
import { getFromHelper, type HelperRun } from './helper.ts'

/** Credentials that stand in a file. */
export type AuthEntry = Credentials

/** What is used of an auth.json or config.json. Keys are registries, or begin with one. */
export interface AuthFile {
  readonly path: string
  readonly auths: ReadonlyMap<string, AuthEntry>
  /** Names of helpers by registry. */
  readonly helpers: ReadonlyMap<string, string>
  /** The helper for all else. */
  readonly store: string | undefined
}

/** How helpers are asked. */
export interface HelperContext extends HelperRun {
  /** What they said already, by helper and registry. */
  readonly helped: Map<string, Promise<Credentials | undefined>>
}

export async function findInAuthFile(
  file: AuthFile,
  registry: string,
  repository: string | undefined,
  context: HelperContext,
): Promise<Credentials | undefined> {
  const helper = file.helpers.get(registry)
  if (helper !== undefined) return askHelper(helper, registry, context)
  const key = keysOf(registry, repository).find((name) => file.auths.has(name))
  if (key !== undefined) return file.auths.get(key)
  return file.store === undefined ? undefined : askHelper(file.store, registry, context)
}

/** Asks a helper once for each registry. */
export function askHelper(name: string, registry: string, context: HelperContext): Promise<Credentials | undefined> {
  const key = `${name} ${registry}`
  const asked = context.helped.get(key) ?? getFromHelper(name, registry, context)
  context.helped.set(key, asked)
  asked.catch(() => context.helped.delete(key))
  return asked
}
