import { type Credentials, type CredentialSource } from './credentials.ts'
import { authFilesOf, type AuthFilePlace } from './internal/credentials/auth-file-places.ts'
import { type AuthFile, findInAuthFile } from './internal/credentials/find-in-auth-file.ts'
import { readAuthFile } from './internal/credentials/read-auth-file.ts'

/** Runs `docker-credential-NAME get` with `input` on its stdin; its stdout. Rejects when the program is missing or fails. */
export type RunCredentialHelper = (name: string, action: 'get', input: string, signal?: AbortSignal) => Promise<string>

/** What a credential store is made of. */
export interface CredentialStoreComponents {
  /** @default spawns it */
  readonly runHelper?: RunCredentialHelper | undefined
}

/** Options of `createCredentialStore`. */
export interface CredentialStoreOptions {
  /** The one file to read, which must exist. @default those of the environment */
  readonly authFile?: string | undefined
  /** @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the user's home */
  readonly homeDirectory?: string | undefined
}

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
  const runHelper: RunCredentialHelper = async (...call) => {
    const run = components.runHelper ?? (await import('./internal/credentials/spawn-helper.ts')).spawnHelper
    return run(...call)
  }
  return {
    find: async (registry, repository, { signal } = {}) => {
      files ??= readAll(authFilesOf(options))
      for (const file of await files) {
        const found = await findInAuthFile(file, registry, repository, { runHelper, helped, signal })
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

async function readAll(places: readonly AuthFilePlace[]): Promise<AuthFile[]> {
  const files = await Promise.all(places.map(readAuthFile))
  return files.filter((file) => file !== undefined)
}
