import { messageOf } from '@podwright/conventions'
import type { RunCredentialHelper } from '../../credential-store.ts'
import type { Credentials } from '../../credentials.ts'
import { DistributionError } from '../../errors.ts'

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
export interface HelperContext {
  readonly runHelper: RunCredentialHelper
  /** What they said already, by helper and registry. */
  readonly helped: Map<string, Promise<Credentials | undefined>>
  readonly signal: AbortSignal | undefined
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

/** `registry/a/b`, `registry/a`, `registry`. */
function keysOf(registry: string, repository: string | undefined): string[] {
  const parts = repository?.split('/') ?? []
  return [...parts.map((_, index) => [registry, ...parts.slice(0, parts.length - index)].join('/')), registry]
}

/** docker-credential-helpers keep Docker Hub under this name. */
const dockerHubKey = 'https://index.docker.io/v1/'

function askHelper(name: string, registry: string, context: HelperContext): Promise<Credentials | undefined> {
  const key = `${name} ${registry}`
  const asked = context.helped.get(key) ?? getFromHelper(name, registry, context)
  context.helped.set(key, asked)
  asked.catch(() => context.helped.delete(key))
  return asked
}

async function getFromHelper(name: string, registry: string, { runHelper, signal }: HelperContext): Promise<Credentials | undefined> {
  // It is going to be the name of a program.
  if (!/^[\w.-]+$/.test(name)) throw helperError(name, registry, 'its name has characters that no program has')
  for (const server of registry === 'docker.io' ? [dockerHubKey, registry] : [registry]) {
    const answer = await runHelper(name, 'get', server, signal).catch((error: unknown) => {
      signal?.throwIfAborted()
      // What every helper says when it has none; also where it says it on stderr.
      if (/credentials not found/i.test(messageOf(error))) return undefined
      throw helperError(name, registry, messageOf(error), error)
    })
    const found = answer === undefined ? undefined : parseAnswer(name, registry, answer)
    if (found !== undefined) return found
  }
  return undefined
}

function parseAnswer(name: string, registry: string, answer: string): Credentials | undefined {
  try {
    const { Username: username, Secret: secret } = JSON.parse(answer) as Readonly<Record<string, unknown>>
    if (typeof username !== 'string' || typeof secret !== 'string') return undefined
    return username === '<token>' ? { type: 'identity', identityToken: secret } : { type: 'basic', username, password: secret }
  } catch {
    // Not the parser's message: it quotes the answer.
    throw helperError(name, registry, 'its answer is not JSON')
  }
}

function helperError(name: string, registry: string, reason: string, cause?: unknown): DistributionError {
  return new DistributionError(
    'ERR_CREDENTIAL_HELPER',
    `cannot get credentials for ${registry} from docker-credential-${name}: ${reason}`,
    {
      cause,
      hint: `Install docker-credential-${name}, or take its name out of the auth file.`,
      details: { helper: `docker-credential-${name}`, registry },
    },
  )
}
