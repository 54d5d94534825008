import type { RegistryOptions } from '@podwright/contracts'
import {
  certificateDirectories,
  createCredentialStore,
  createRegistryClient,
  type Credentials,
  type CredentialSource,
  fixedCredentials,
  httpFetch,
  loadRegistriesConfig,
  type RegistriesConfig,
  registriesConfigPaths,
  type RegistryClient,
} from '@podwright/distribution'
import type { EngineParts } from '../parts.ts'

/** What speaks with registries, and what is configured about them. */
export interface RegistryAccess extends AsyncDisposable {
  readonly client: RegistryClient
  readonly config: RegistriesConfig
}

/**
 * Opens what speaks with registries.
 *
 * @param registry the one that `options.credentials` are for
 */
export async function openRegistryAccess(parts: EngineParts, registry: string, options: RegistryOptions): Promise<RegistryAccess> {
  const { environment, clock } = parts
  const config = await loadRegistriesConfig(registriesConfigPaths({ environment }), { signal: options.signal })
  const client = createRegistryClient(
    { credentials: credentialsFor(parts, registry, options), fetch: httpFetch, clock },
    {
      certificateDirectories: certificateDirectories({ environment }),
      certificateDirectory: options.certificateDirectory,
      retries: options.retries,
      backoffMs: options.backoffMs,
      environment,
    },
  )
  return { client, config, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() }
}

function credentialsFor({ environment }: EngineParts, registry: string, { credentials, authFile }: RegistryOptions): CredentialSource {
  if (credentials === undefined) return createCredentialStore({}, { authFile, environment })
  if (credentials === 'none') return { find: async () => undefined }
  return fixedCredentials(registry, { type: 'username' in credentials ? 'basic' : 'bearer', ...credentials } as Credentials)
}
