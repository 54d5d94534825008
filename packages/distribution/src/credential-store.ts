import type { CredentialSource } from './credentials.ts'

/** What a credential store is made of. */
export interface CredentialStoreComponents {
  /** Runs `docker-credential-NAME ACTION` with `input` on its stdin; its stdout. @default spawns it */
  readonly runHelper?: ((name: string, action: 'get', input: string, signal?: AbortSignal) => Promise<string>) | undefined
}

/** Options of `createCredentialStore`. */
export interface CredentialStoreOptions {
  /** The one file to read, which must exist. @default those of the environment: `REGISTRY_AUTH_FILE` alone, else auth.json, else docker's */
  readonly authFile?: string | undefined
  /** @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the user's home */
  readonly homeDirectory?: string | undefined
}

/** Credentials out of auth.json and docker's config.json, read when first asked. */
export function createCredentialStore(
  _components: CredentialStoreComponents = {},
  _options: CredentialStoreOptions = {},
): CredentialSource {
  throw new Error('pending')
}
