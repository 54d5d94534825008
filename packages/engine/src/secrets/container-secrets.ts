import type { ContainerSecret } from '@podwright/contracts'
import type { MountInput } from '@podwright/runtime'
import { toHost } from '@podwright/userns'
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, posix } from 'node:path'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord, ContainerSettings, KeptSecret } from '../state/record.ts'
import { invalid } from '../tuning/invalid.ts'
import { unseal } from './seal.ts'
import type { SecretStore } from './secret-store.ts'
import { secretsDirectory } from './secrets-directory.ts'

const inContainer = '/run/secrets'
const defaultMode = 0o444
/** Nothing, or something whose last name is nothing, `.` or `..`. */
const namesDirectory = /(?:^|\/)\.{0,2}$/

/**
 * Secrets as a container keeps them: by their ids.
 *
 * @throws EngineError `ERR_SECRET_NOT_FOUND`, `ERR_SECRET_AMBIGUOUS`, `ERR_SECRET_KEY`, `ERR_CONTAINER_OPTION_INVALID`
 */
export async function resolveSecrets(parts: EngineParts, wanted: readonly ContainerSecret[]): Promise<readonly KeptSecret[]> {
  const { secrets } = await parts.store()
  const kept = wanted.map((each): KeptSecret => {
    const { id, name, sealed } = secrets.require(each.secret)
    const { type = 'mount', target = name, uid, gid, mode } = each
    if (type === 'env' && (target === '' || /[=\0]/.test(target)))
      throw invalid(`"${target}" is no name of a variable for the secret ${name}`)
    if (type === 'env' && unseal(parts.paths.secretKey, id, sealed).includes(0))
      throw invalid(`the secret ${name} has a null byte, which no variable can have`, 'Give it as a file: leave type=env out.')
    if (type === 'mount' && (namesDirectory.test(target) || target.includes('\0')))
      throw invalid(`the target ${JSON.stringify(target)} of the secret ${name} is no file`)
    return { secret: name, id, type, target, uid, gid, mode }
  })
  const files = kept.filter(({ type }) => type === 'mount').map(({ target }) => placeOf(target))
  const twice = files.find((place, at) => files.indexOf(place) < at)
  if (twice !== undefined) throw invalid(`two secrets have the same place in the container, ${twice}`)
  return kept
}

/** What a container's secrets add to what it is started with. */
export interface OpenSecrets {
  readonly mounts: readonly MountInput[]
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Opens a container's secrets for a start: the files lie in the run root, which is in memory where systemd made it, and are taken away at its end.
 *
 * @throws EngineError `ERR_SECRET_KEY`
 */
export async function openSecrets(parts: EngineParts, { id, settings }: Pick<ContainerRecord, 'id' | 'settings'>): Promise<OpenSecrets> {
  const { secrets: store } = await parts.store()
  const mounts: MountInput[] = []
  const directory = secretsDirectory(parts, id)
  const shared = `${directory}/shared`
  mkdirSync(shared, { recursive: true })
  // It is a directory of the container, whatever this process keeps to itself.
  chmodSync(shared, 0o755)
  for (const [index, secret] of (settings.secrets ?? []).entries()) {
    if (secret.type === 'env') continue
    const data = openOne(parts, store, id, secret)
    const place = placeOf(secret.target)
    const isShared = dirname(place) === inContainer
    const path = isShared ? `${shared}/${basename(place)}` : `${directory}/${index}`
    await writeSecret(parts, settings, secret, { path, data })
    if (!isShared) mounts.push(bind(path, place))
  }
  const hasShared = (settings.secrets ?? []).some(({ type, target }) => type === 'mount' && dirname(placeOf(target)) === inContainer)
  return { mounts: hasShared ? [bind(shared, inContainer), ...mounts] : mounts, environment: await openVariables(parts, { id, settings }) }
}

/** The secrets that a container's processes have as variables. @throws EngineError `ERR_SECRET_KEY` */
export async function openVariables(parts: EngineParts, record: Pick<ContainerRecord, 'id' | 'settings'>): Promise<Record<string, string>> {
  const { secrets } = await parts.store()
  const variables = (record.settings.secrets ?? []).filter(({ type }) => type === 'env')
  return Object.fromEntries(variables.map((secret) => [secret.target, openOne(parts, secrets, record.id, secret).toString()]))
}

function openOne(parts: EngineParts, store: SecretStore, container: string, { id, secret }: KeptSecret): Buffer {
  const sealed = store.ofContainer(container, id)
  if (sealed === undefined)
    throw new EngineError('ERR_SECRET_NOT_FOUND', `the container's secret ${secret} is gone`, { details: { id: container } })
  return unseal(parts.paths.secretKey, id, sealed)
}

/** Takes them away. */
export function closeSecrets(parts: Pick<EngineParts, 'paths'>, id: string): void {
  rmSync(secretsDirectory(parts, id), { recursive: true, force: true })
}

async function writeSecret(
  parts: EngineParts,
  { idMap }: Pick<ContainerSettings, 'idMap'>,
  { uid = 0, gid = 0, mode = defaultMode }: KeptSecret,
  { path, data }: { readonly path: string; readonly data: Uint8Array },
): Promise<void> {
  rmSync(path, { force: true })
  writeFileSync(path, data, { mode: 0o600 })
  const owner = { uid: toHost(idMap?.uids ?? [], uid) ?? uid, gid: toHost(idMap?.gids ?? [], gid) ?? gid }
  chmodSync(path, mode)
  if (owner.uid === 0 && owner.gid === 0) return
  if (parts.rootless) await (await parts.volumes()).changeOwner(path, owner)
  else chownSync(path, owner.uid, owner.gid)
  // chown(2) takes bits away.
  if (!parts.rootless) chmodSync(path, mode)
}

function placeOf(target: string): string {
  return posix.resolve(inContainer, target)
}

function bind(source: string, target: string): MountInput {
  return { type: 'bind', source, target, readOnly: true, options: ['nosuid', 'nodev', 'noexec'] }
}
