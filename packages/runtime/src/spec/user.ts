import { RuntimeError } from '../errors.ts'

/** A user as a process needs it. */
export interface ResolvedUser {
  readonly uid: number
  readonly gid: number
  /** Ascending, the primary group among them. */
  readonly additionalGids: readonly number[]
  /** Undefined for an id that /etc/passwd doesn't have. */
  readonly username: string | undefined
  /** `/` when /etc/passwd names none. */
  readonly home: string
}

/** The highest id that the runtimes accept. */
const maximumId = 2 ** 31 - 1

/**
 * Resolves `user`, `uid`, `user:group`, `uid:gid` by the texts of /etc/passwd and /etc/group. Ids that are in neither are taken as they are,
 * with group 0. A user's groups come along unless a group was named.
 *
 * @throws `ERR_USER_NOT_FOUND`, `ERR_USER_INVALID`
 */
export function resolveUser(passwd: string, group: string, user: string, additionalGroups: readonly string[] = []): ResolvedUser {
  const colon = user.indexOf(':')
  const userPart = (colon < 0 ? user : user.slice(0, colon)) || '0'
  const groupPart = colon < 0 ? '' : user.slice(colon + 1)
  if (groupPart.includes(':')) throw new RuntimeError('ERR_USER_INVALID', `${JSON.stringify(user)} is not a user[:group]`)
  const account = findAccount(passwd, userPart)
  const gid = groupPart === '' ? account.gid : findGroup(group, groupPart)
  const gids = new Set(user === '' ? [] : [gid])
  if (groupPart === '' && account.username !== undefined && user !== '') {
    for (const one of groupsOf(group, account.username)) gids.add(one)
  }
  for (const one of additionalGroups) gids.add(findGroup(group, one))
  return { ...account, gid, additionalGids: [...gids].toSorted((a, b) => a - b) }
}

function findAccount(passwd: string, user: string): Omit<ResolvedUser, 'additionalGids'> {
  const id = idOf(user, 'user')
  for (const [name, , uid, gid, , home] of entries(passwd)) {
    if (id === undefined ? name !== user : Number(uid) !== id || uid === '') continue
    return { uid: storedId(uid, user), gid: storedId(gid, user), username: name, home: home || '/' }
  }
  if (id !== undefined) return { uid: id, gid: 0, username: undefined, home: '/' }
  throw notFound('user', user, '/etc/passwd')
}

function findGroup(text: string, group: string): number {
  const id = idOf(group, 'group')
  if (id !== undefined) return id
  for (const [name, , gid] of entries(text)) if (name === group) return storedId(gid, group)
  throw notFound('group', group, '/etc/group')
}

function* groupsOf(text: string, username: string): Iterable<number> {
  for (const [, , gid, members] of entries(text)) {
    if (members?.split(',').some((member) => member.trim() === username) && gid && /^\d+$/.test(gid)) yield Number(gid)
  }
}

function* entries(text: string): Iterable<readonly (string | undefined)[]> {
  for (const line of text.split('\n')) {
    if (line !== '' && !line.startsWith('#')) yield line.replace(/\r$/, '').split(':')
  }
}

/** The number, when `text` is one. */
function idOf(text: string, kind: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const id = Number(text)
  if (id >= 0 && id <= maximumId) return id
  throw new RuntimeError('ERR_USER_INVALID', `${kind} id ${text} is out of range`, { hint: `Ids go from 0 to ${maximumId}.` })
}

function storedId(text: string | undefined, subject: string): number {
  const id = text !== undefined && /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (id <= maximumId) return id
  throw new RuntimeError('ERR_USER_INVALID', `the image's entry of ${JSON.stringify(subject)} has the id ${JSON.stringify(text ?? '')}`)
}

function notFound(kind: string, subject: string, file: string): RuntimeError {
  return new RuntimeError('ERR_USER_NOT_FOUND', `there is no ${kind} ${JSON.stringify(subject)} in the image's ${file}`, {
    hint: `Give a name that is in that file, or a number.`,
    details: { [kind]: subject, exitStatus: 125 },
  })
}
