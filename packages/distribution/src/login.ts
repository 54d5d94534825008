import { type AbortOptions, isPodwrightError, type PodwrightError } from '@podwright/conventions'
import { authFileHelper, type CredentialStoreComponents, type CredentialStoreOptions } from './credential-store.ts'
import { type Credentials, fixedCredentials } from './credentials.ts'
import { ruleFor } from './endpoints.ts'
import { DistributionError } from './errors.ts'
import { type LoginTarget, parseLoginTarget } from './internal/credentials/auth-keys.ts'
import { authFilesOf, authFileToWrite } from './internal/credentials/auth-file-places.ts'
import { editAuthFile } from './internal/credentials/edit-auth-file.ts'
import { helperRunner } from './internal/credentials/helper-runner.ts'
import { storeInHelper } from './internal/credentials/helper.ts'
import { readAuthFiles } from './internal/credentials/read-auth-files.ts'
import type { RegistriesConfig } from './registries-config.ts'
import { createRegistryClient, type RegistryCheck, type RegistryClientComponents, type RegistryClientOptions } from './registry-client.ts'

/** What logging in is made of: what a client is, whose credentials are those to try, and what runs credential helpers. */
export interface LoginComponents extends CredentialStoreComponents, Omit<RegistryClientComponents, 'credentials'> {}

/** Options of `login`. */
export interface LoginOptions extends AbortOptions, CredentialStoreOptions {
  /** Says which registries are insecure or blocked, and which credential helpers there are. @default nothing */
  readonly config?: RegistriesConfig | undefined
  /** Overrules the configuration's `insecure`. @default as configured, else the client's */
  readonly tlsVerify?: boolean | undefined
  /** How the registry is spoken to. @default as `createRegistryClient` */
  readonly client?: RegistryClientOptions | undefined
}

/** What a login came to. */
export interface LoginResult {
  /** What the credentials are kept for: `registry` or `registry/namespace`. */
  readonly key: string
  /** Whether the registry asked who it is. False: it lets anybody in, so that nobody can tell whether the credentials are right. */
  readonly checked: boolean
  /** Where they are kept. */
  readonly kept: { readonly in: 'file'; readonly path: string } | { readonly in: 'helper'; readonly name: string }
}

/**
 * Tries credentials at a registry, and keeps them when they are right: by the credential helper that the auth files name for the registry, else in the
 * auth file, base64 only, readable by its owner alone.
 *
 * @param name `quay.io`, or `quay.io/team` for credentials of a part of it
 * @throws DistributionError `ERR_REGISTRY_UNAUTHORIZED` when the registry refuses them, `ERR_REGISTRY_NAME_INVALID`, `ERR_REGISTRY_BLOCKED`,
 *   `ERR_CREDENTIALS_INVALID`, `ERR_CREDENTIALS_NOT_WRITTEN`, `ERR_CREDENTIAL_HELPER`; what a client throws
 */
export async function login(
  components: LoginComponents,
  name: string,
  credentials: Credentials,
  options: LoginOptions = {},
): Promise<LoginResult> {
  const target = parseLoginTarget(name)
  refuseEmpty(name, credentials)
  // Before the registry is asked: who has nowhere to keep a password need not send it.
  const helper = await helperFor(target, options)
  const { challenged } = await tryAt(components, target, credentials, options)
  return { key: target.key, checked: challenged, kept: await keep(components, target, credentials, helper, options) }
}

async function tryAt(
  components: LoginComponents,
  { registry, namespace, key }: LoginTarget,
  credentials: Credentials,
  { config, client: clientOptions, tlsVerify: given, signal }: LoginOptions,
): Promise<RegistryCheck> {
  const rule = config === undefined ? undefined : ruleFor(key, config.registries)
  if (rule?.blocked === true) {
    throw new DistributionError('ERR_REGISTRY_BLOCKED', `cannot log in at ${key}: registries.conf blocks ${rule.prefix}`, {
      details: { registry, repository: namespace, prefix: rule.prefix },
    })
  }
  const tlsVerify = given ?? (rule?.insecure === true ? false : undefined)
  await using client = createRegistryClient({ ...components, credentials: fixedCredentials(registry, credentials) }, clientOptions)
  try {
    return await client.check({ registry, tlsVerify }, { signal })
  } catch (error) {
    throw isPodwrightError(error, 'ERR_REGISTRY_UNAUTHORIZED') ? refused(key, error) : error
  }
}

function refused(key: string, error: PodwrightError): DistributionError {
  return new DistributionError('ERR_REGISTRY_UNAUTHORIZED', `cannot log in at ${key}: it refuses the user name or the password`, {
    cause: error,
    details: error.details,
    hint: 'Check both. Where the registry wants a second factor, an access token stands in for the password.',
  })
}

/** The helper that is to keep them: of the files' in the order in which they are read, `credHelpers` before `credsStore`. */
async function helperFor({ registry, namespace, key }: LoginTarget, options: LoginOptions): Promise<string | undefined> {
  const [first = authFileHelper] = options.credentialHelpers ?? options.config?.credentialHelpers ?? []
  const files = first === authFileHelper ? await readAuthFiles(authFilesOf(options).map((place) => ({ ...place, required: false }))) : []
  const inFiles = files.map((file) => file.helpers.get(registry) ?? file.store).find((helper) => helper !== undefined)
  const helper = first === authFileHelper ? inFiles : first
  if (helper === undefined || namespace === undefined) return helper
  throw new DistributionError(
    'ERR_CREDENTIAL_HELPER',
    `cannot log in at ${key}: docker-credential-${helper} keeps credentials by registry only`,
    {
      hint: `Log in at ${registry}, or name a file without credential helpers: --authfile FILE`,
      details: { helper: `docker-credential-${helper}`, registry },
    },
  )
}

async function keep(
  components: LoginComponents,
  { registry, key }: LoginTarget,
  credentials: Credentials,
  helper: string | undefined,
  options: LoginOptions,
): Promise<LoginResult['kept']> {
  const { clock } = components
  const { signal } = options
  if (helper === undefined) {
    const path = await authFileToWrite(options)
    await editAuthFile(path, { key, credentials }, { clock, signal })
    return { in: 'file', path }
  }
  await storeInHelper(helper, registry, credentials, { runHelper: helperRunner(components), signal })
  // What stands in a file would be found first, and is what a helper is there to avoid.
  for (const { path } of authFilesOf(options)) await editAuthFile(path, { key, credentials: undefined }, { clock, signal })
  return { in: 'helper', name: helper }
}

function refuseEmpty(name: string, credentials: Credentials): void {
  const secret =
    credentials.type === 'basic'
      ? credentials.password
      : credentials.type === 'identity'
        ? credentials.identityToken
        : credentials.registryToken
  const colon = credentials.type === 'basic' && credentials.username.includes(':')
  if (secret !== '' && !colon) return
  const reason = colon ? 'a user name can have no colon' : 'the password or token is empty'
  throw new DistributionError('ERR_CREDENTIALS_INVALID', `cannot log in at ${name}: ${reason}`)
}
