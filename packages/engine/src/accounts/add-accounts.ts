import { createTarWriter } from '@podwright/archive'
import type { Snapshot } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { opacityTest } from '../containers/bundle.ts'
import { containerFiles } from '../containers/files.ts'
import { readLayeredFile } from '../containers/layered-tree.ts'
import { rootMount } from '../containers/root-mount.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord, ContainerSettings } from '../state/record.ts'
import {
  type Account,
  type AccountTemplates,
  type AccountTexts,
  groupId,
  isNumber,
  withAccount,
  withGroup,
  withUser,
} from './account-lines.ts'

/**
 * Writes them, once, into the container's own tree: programs inside may change them like all other files. When who made the container has not come to it,
 * who starts it first does it.
 */
export async function addAccounts(
  parts: EngineParts,
  record: Pick<ContainerRecord, 'id' | 'settings'>,
  snapshot: Snapshot,
  options: AbortOptions = {},
): Promise<void> {
  const done = `${containerFiles(parts.paths, record.id).directory}/accounts`
  if (existsSync(done)) return
  const isOpaque = opacityTest()
  const read = (path: string): string => readLayeredFile(snapshot.layers, path, isOpaque) ?? ''
  const before: AccountTexts = { passwd: read('etc/passwd'), group: read('etc/group') }
  const after = textsOf(before, record.settings)
  const files = [
    { name: 'passwd', content: after.passwd, isNew: after.passwd !== before.passwd },
    { name: 'group', content: after.group, isNew: after.group !== before.group },
  ].filter(({ isNew }) => isNew)
  if (files.length > 0) await writeFiles(parts, record, snapshot, files, options)
  writeFileSync(done, '', { mode: 0o600 })
}

async function writeFiles(
  parts: EngineParts,
  { settings }: Pick<ContainerRecord, 'settings'>,
  snapshot: Snapshot,
  files: readonly { readonly name: string; readonly content: string }[],
  { signal }: AbortOptions,
): Promise<void> {
  const writer = createTarWriter()
  writer.add({ name: 'etc/', type: 'directory', mode: 0o755, uid: 0, gid: 0 })
  for (const { name, content } of files) writer.add({ name: `etc/${name}`, type: 'file', mode: 0o644, uid: 0, gid: 0 }, content)
  const storage = await parts.storage()
  await using tree = await storage.openTreeFiles(
    { type: 'mounts', ...rootMount(parts.paths, snapshot), binds: [] },
    { signal, idMap: settings.idMap },
  )
  await tree.write('/', once(writer.finish()), { owners: 'archive', overwrite: true, signal })
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function textsOf(before: AccountTexts, { tuning = {}, user, workingDirectory }: ContainerSettings): AccountTexts {
  const { userNamespace, hostUsers = [], passwdEntry, groupEntry } = tuning
  const users = hostUsers.reduce((texts, name) => withAccount(texts, hostAccount(name)), before)
  const templates = { passwdEntry, groupEntry }
  return userNamespace?.mode === 'keep-id'
    ? withAccount(users, keptAccount(userNamespace, workingDirectory), templates)
    : withNumbers(users, user, workingDirectory, templates)
}

/** This user, under the ids inside. */
function keptAccount({ uid, gid }: { readonly uid?: number | undefined; readonly gid?: number | undefined }, home: string): Account {
  const me = userInfo()
  return { name: me.username, uid: uid ?? me.uid, gid: gid ?? me.gid, comment: '', home }
}

/** With whom the container runs as, and the group, where they are given by numbers. A user without a group has group 0, and a group of its number, as with podman. */
function withNumbers(texts: AccountTexts, user: string, home: string, templates: AccountTemplates): AccountTexts {
  const [name = '', group] = user.split(':')
  const gid = group === undefined ? 0 : groupId(texts.group, group)
  const users = isNumber(name) ? withUser(texts, { name, uid: Number(name), gid, comment: 'container user', home }, templates) : texts
  const groupName = group ?? name
  return isNumber(groupName) ? withGroup(users, { name: groupName, gid: Number(groupName), member: name }, templates) : users
}

/** A line of the host's /etc/passwd. The caller has seen that there is one. */
export function hostAccount(name: string): Account {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first, , uid]) => first === name || uid === name)
  if (fields === undefined) throw new RangeError(`no user ${name} on this host`)
  const [own = '', , uid, gid, comment = '', home = '/'] = fields
  return { name: own, uid: Number(uid), gid: Number(gid), comment, home }
}
