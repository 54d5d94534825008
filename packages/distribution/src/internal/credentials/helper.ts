import { messageOf } from '@podwright/conventions'
import type { RunCredentialHelper } from '../../credential-store.ts'
import type { Credentials } from '../../credentials.ts'
import { DistributionError } from '../../errors.ts'
import { helperKeysOf } from './auth-keys.ts'

/** How helpers are run. */
export interface HelperRun {
  readonly runHelper: RunCredentialHelper
  readonly signal?: AbortSignal | undefined
}

/** What docker-credential-helpers call the user name of an identity token. */
const tokenUser = '<token>'

/** What a helper has for a registry. @throws DistributionError `ERR_CREDENTIAL_HELPER` */
export async function getFromHelper(name: string, registry: string, run: HelperRun): Promise<Credentials | undefined> {
  for (const server of helperKeysOf(registry)) {
    const answer = await callHelper(name, 'get', server, `get credentials for ${registry} from`, run)
    const found = answer === undefined ? undefined : parseAnswer(name, registry, answer)
    if (found !== undefined) return found
  }
  return undefined
}

/** Has a helper keep a password. @throws DistributionError `ERR_CREDENTIAL_HELPER` */
export async function storeInHelper(name: string, registry: string, credentials: Credentials, run: HelperRun): Promise<void> {
  const [server = registry] = helperKeysOf(registry)
  const { username, secret } = helperEntry(credentials)
  const input = JSON.stringify({ ServerURL: server, Username: username, Secret: secret })
  await callHelper(name, 'store', input, `give the credentials for ${registry} to`, run, secret)
}

/** Has a helper forget servers. @returns whether it had something @throws DistributionError `ERR_CREDENTIAL_HELPER` */
export async function eraseFromHelper(name: string, servers: Iterable<string>, run: HelperRun): Promise<boolean> {
  let erased = false
  for (const server of servers) {
    if ((await callHelper(name, 'get', server, `get credentials for ${server} from`, run)) === undefined) continue
    await callHelper(name, 'erase', server, `have the credentials for ${server} forgotten by`, run)
    erased = true
  }
  return erased
}

/** User names by server, as the helper names it. @throws DistributionError `ERR_CREDENTIAL_HELPER` */
export async function listHelper(name: string, run: HelperRun): Promise<ReadonlyMap<string, string>> {
  const operation = 'list the credentials of'
  const answer = (await callHelper(name, 'list', '', operation, run)) ?? '{}'
  const entries = Object.entries(parseObject(answer) ?? fail(name, operation, 'its answer is not a JSON object'))
  return new Map(entries.flatMap(([server, user]) => (typeof user === 'string' ? [[server, user] as const] : [])))
}

function helperEntry(credentials: Credentials): { readonly username: string; readonly secret: string } {
  if (credentials.type === 'basic') return { username: credentials.username, secret: credentials.password }
  return { username: tokenUser, secret: credentials.type === 'identity' ? credentials.identityToken : credentials.registryToken }
}

/** @returns undefined when the helper has nothing of the kind */
async function callHelper(
  name: string,
  action: 'get' | 'store' | 'erase' | 'list',
  input: string,
  operation: string,
  { runHelper, signal }: HelperRun,
  secret?: string,
): Promise<string | undefined> {
  // It is going to be the name of a program.
  if (!/^[\w.-]+$/.test(name)) fail(name, operation, 'its name has characters that no program has')
  try {
    return await runHelper(name, action, input, signal)
  } catch (error) {
    signal?.throwIfAborted()
    // What every helper says when it has none; also where it says it on stderr.
    if (/credentials not found/i.test(messageOf(error))) return undefined
    // Helpers may quote what they were given, and so might the error as a cause.
    if (secret !== undefined) return fail(name, operation, messageOf(error).replaceAll(secret, '…'))
    return fail(name, operation, messageOf(error), error)
  }
}

function parseAnswer(name: string, registry: string, answer: string): Credentials | undefined {
  // Not the parser's message: it quotes the answer.
  const parsed = parseObject(answer) ?? fail(name, `get credentials for ${registry} from`, 'its answer is not a JSON object')
  const { Username: username, Secret: secret } = parsed
  if (typeof username !== 'string' || typeof secret !== 'string') return undefined
  return username === tokenUser ? { type: 'identity', identityToken: secret } : { type: 'basic', username, password: secret }
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

function fail(name: string, operation: string, reason: string, cause?: unknown): never {
  throw new DistributionError('ERR_CREDENTIAL_HELPER', `cannot ${operation} docker-credential-${name}: ${reason}`, {
    cause,
    hint: `Install docker-credential-${name}, or take its name out of the auth file.`,
    details: { helper: `docker-credential-${name}` },
  })
}
