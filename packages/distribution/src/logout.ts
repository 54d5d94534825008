import type { AbortOptions, Clock } from '@podwright/conventions'
import { authFileHelper, type CredentialStoreComponents, type CredentialStoreOptions } from './credential-store.ts'
import { helperKeysOf, normalizeKey, parseLoginTarget } from './internal/credentials/auth-keys.ts'
import { authFilesOf } from './internal/credentials/auth-file-places.ts'
import { type AuthEdit, editAuthFile } from './internal/credentials/edit-auth-file.ts'
import type { AuthFile } from './internal/credentials/find-in-auth-file.ts'
import { helperRunner } from './internal/credentials/helper-runner.ts'
import { eraseFromHelper, type HelperRun, listHelper } from './internal/credentials/helper.ts'
import { readAuthFiles } from './internal/credentials/read-auth-files.ts'

/** What logging out is made of. */
export interface LogoutComponents extends CredentialStoreComponents {
  /** For waiting until nobody else edits an auth file. @default the machine's */
  readonly clock?: Clock | undefined
}

/** Options of `logout` and `listLogins`. */
export interface LogoutOptions extends AbortOptions, CredentialStoreOptions {}

/** Credentials that are kept somewhere. */
export interface KeptLogin {
  /** `registry` or `registry/namespace`. */
  readonly key: string
  /** Undefined for a token without a user. */
  readonly username: string | undefined
  readonly kept: { readonly in: 'file'; readonly path: string } | { readonly in: 'helper'; readonly name: string }
}

/**
 * Forgets the credentials of a registry, or of a namespace of one, wherever they would be looked for: in each auth file, docker's among them, and by each
 * credential helper. Afterwards requests there are anonymous.
 *
 * @param name as for `login`; undefined: every registry
 * @returns where there was something; empty: nobody was logged in
 * @throws DistributionError `ERR_REGISTRY_NAME_INVALID`, `ERR_CREDENTIALS_INVALID`, `ERR_CREDENTIALS_NOT_WRITTEN`, `ERR_CREDENTIAL_HELPER`
 */
export async function logout(
  components: LogoutComponents,
  name: string | undefined,
  options: LogoutOptions = {},
): Promise<readonly KeptLogin['kept'][]> {
  const target = name === undefined ? undefined : parseLoginTarget(name)
  const files = await readFiles(options)
  const removed: KeptLogin['kept'][] = []
  const run: HelperRun = { runHelper: helperRunner(components), signal: options.signal }
  for (const helper of helpersOf(files, target?.registry, options)) {
    // Helpers know registries only, and what is kept for a namespace is in files.
    const gone =
      target === undefined
        ? await eraseAll(helper, run)
        : target.namespace === undefined && (await eraseFromHelper(helper, helperKeysOf(target.registry), run))
    if (gone) removed.push({ in: 'helper', name: helper })
  }
  const edit: AuthEdit = target === undefined ? 'remove-all' : { key: target.key, credentials: undefined }
  for (const { path } of files) {
    if (await editAuthFile(path, edit, { clock: components.clock, signal: options.signal })) removed.push({ in: 'file', path })
  }
  return removed
}

/**
 * What there are credentials for, in the order in which they are looked for. No secret is told.
 *
 * @throws DistributionError `ERR_CREDENTIALS_INVALID`, `ERR_CREDENTIAL_HELPER`
 */
export async function listLogins(components: CredentialStoreComponents = {}, options: LogoutOptions = {}): Promise<readonly KeptLogin[]> {
  const files = await readFiles(options)
  const run: HelperRun = { runHelper: helperRunner(components), signal: options.signal }
  const kept: KeptLogin[] = files.flatMap(({ path, auths }) =>
    [...auths].map(([key, entry]): KeptLogin => ({
      key,
      username: entry.type === 'bearer' ? undefined : entry.username,
      kept: { in: 'file', path },
    })),
  )
  for (const name of helpersOf(files, undefined, options)) {
    for (const [server, username] of await listHelper(name, run)) {
      kept.push({ key: normalizeKey(server), username: username === '<token>' ? undefined : username, kept: { in: 'helper', name } })
    }
  }
  return kept
}

function readFiles(options: LogoutOptions): Promise<readonly AuthFile[]> {
  // To be logged out of a file that isn't there is no mistake.
  return readAuthFiles(authFilesOf(options).map((place) => ({ ...place, required: false })))
}

/** @param registry undefined: of all registries */
function helpersOf(
  files: readonly AuthFile[],
  registry: string | undefined,
  { credentialHelpers = [] }: LogoutOptions,
): ReadonlySet<string> {
  const inFiles = files.flatMap(({ helpers, store }) => {
    const named = registry === undefined ? [...helpers.values()] : [helpers.get(registry)]
    return [...named, store].filter((helper) => helper !== undefined)
  })
  return new Set([...credentialHelpers.filter((helper) => helper !== authFileHelper), ...inFiles])
}

async function eraseAll(helper: string, run: HelperRun): Promise<boolean> {
  return eraseFromHelper(helper, (await listHelper(helper, run)).keys(), run)
}
