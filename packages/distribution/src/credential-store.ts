import type { Credentials, CredentialSource } from './credentials.ts'
import { authFilesOf } from './internal/credentials/auth-file-places.ts'
import { askHelper, type AuthFile, findInAuthFile, type HelperContext } from './internal/credentials/find-in-auth-file.ts'
import { helperRunner } from './internal/credentials/helper-runner.ts'
import { readAuthFiles } from './internal/credentials/read-auth-files.ts'

/**
 * Runs `docker-credential-NAME ACTION` with `input` on its stdin: a server for `get` and `erase`, JSON with a secret for `store`, nothing for `list`.
 * Gives its stdout; rejects when the program is missing or fails.
 */
export type RunCredentialHelper = (
  name: string,
  action: 'get' | 'store' | 'erase' | 'list',
  input: string,
  signal?: AbortSignal,
) => Promise<string>

/** What a credential store is made of. */
export interface CredentialStoreComponents {
  /** @default spawns it */
  readonly runHelper?: RunCredentialHelper | undefined
}

/** Where credentials are kept. */
export interface CredentialStoreOptions {
  /** The one file to use. To be read it must exist. @default those of the environment */
  readonly authFile?: string | undefined
  /** @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the user's home */
  readonly homeDirectory?: string | undefined
  /**
   * `credential-helpers` of registries.conf: who is asked, in order. `containers-auth.json` stands for the files.
   *
   * @default ['containers-auth.json']
   */
  readonly credentialHelpers?: readonly string[] | undefined
}

/** What stands for the auth files in `credential-helpers`. */
export const authFileHelper = 'containers-auth.json'

/**
 * Credentials out of the files that podman, skopeo, buildah and docker keep them in. The first file that has some for the repository wins:
 *
 * `authFile` alone; else `$REGISTRY_AUTH_FILE` alone; else `$XDG_RUNTIME_DIR/containers/auth.json`, `$XDG_CONFIG_HOME/containers/auth.json`,
 * `$DOCKER_CONFIG/config.json`, or what stands for these variables where they aren't set. In a file, `credHelpers` of the registry come first, then the
 * longest key of `auths` that the repository begins with, then `credsStore`.
 *
 * Files are read when first asked, once; helpers run once for each registry. `find` throws DistributionError `ERR_CREDENTIALS_INVALID`,
 * `ERR_CREDENTIAL_HELPER`.
 */
export function createCredentialStore(components: CredentialStoreComponents = {}, options: CredentialStoreOptions = {}): CredentialSource {
  let files: Promise<readonly AuthFile[]> | undefined
  const helped = new Map<string, Promise<Credentials | undefined>>()
  const findInFiles = async (
    registry: string,
    repository: string | undefined,
    context: HelperContext,
  ): Promise<Credentials | undefined> => {
    files ??= readAuthFiles(authFilesOf(options))
    for (const file of await files) {
      const found = await findInAuthFile(file, registry, repository, context)
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    find: async (registry, repository, { signal } = {}) => {
      const context: HelperContext = { runHelper: helperRunner(components), helped, signal }
      for (const helper of options.credentialHelpers ?? [authFileHelper]) {
        const found = await (helper === authFileHelper ? findInFiles(registry, repository, context) : askHelper(helper, registry, context))
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}
