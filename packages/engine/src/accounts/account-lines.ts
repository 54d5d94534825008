/** Somebody whom a container's /etc/passwd is to know. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** What else is said of the user. */
  readonly comment: string
  readonly home: string
}

/** A container's /etc/passwd and /etc/group (passwd(5), group(5)). */
export interface AccountTexts {
  readonly passwd: string
  readonly group: string
}

/** Lines in place of those that would be made for the container's user. */
export interface AccountTemplates {
  /** With $USERNAME, $UID, $GID, $NAME and $HOME. */
  readonly passwdEntry?: string | undefined
  /** With $GROUPNAME, $GID and $USERLIST. */
  readonly groupEntry?: string | undefined
}

const noPassword = '*'
const shell = '/bin/sh'

/** A group whom a container's /etc/group is to know. */
export interface Group {
  readonly name: string
  readonly gid: number
  readonly member: string
}

/**
 * The texts with a user, and the user's group, unless they have the ids already.
 *
 * @param templates only for the container's own user
 */
export function withAccount(texts: AccountTexts, account: Account, templates: AccountTemplates = {}): AccountTexts {
  const { name, gid } = account
  return withGroup(withUser(texts, account, templates), { name, gid, member: name }, templates)
}

/** The texts with a user, unless /etc/passwd has the id. */
export function withUser(texts: AccountTexts, { name, uid, gid, comment, home }: Account, templates: AccountTemplates = {}): AccountTexts {
  if (hasId(texts.passwd, uid)) return texts
  const { passwdEntry = `${name}:${noPassword}:${uid}:${gid}:${comment}:${home}:${shell}` } = templates
  const values = { USERNAME: name, UID: String(uid), GID: String(gid), NAME: comment, HOME: home }
  return { ...texts, passwd: withLine(texts.passwd, filled(passwdEntry, values)) }
}

/** The texts with a group, unless /etc/group has the id. */
export function withGroup(texts: AccountTexts, { name, gid, member }: Group, templates: AccountTemplates = {}): AccountTexts {
  if (hasId(texts.group, gid)) return texts
  const { groupEntry = `${name}:x:${gid}:${member}` } = templates
  return { ...texts, group: withLine(texts.group, filled(groupEntry, { GROUPNAME: name, GID: String(gid), USERLIST: member })) }
}

/** The text of /etc/group without the line that gives a user's number a name as a group: that is no membership. (podman's is one from the second start on.) */
export function withoutOwnGroup(group: string, user: string): string {
  if (!isNumber(user)) return group
  return group
    .split('\n')
    .filter((line) => line !== `${user}:x:${user}:${user}`)
    .join('\n')
}

/** The id of a group by its name or number; 0 for one that /etc/group does not have. */
export function groupId(text: string, group: string): number {
  if (isNumber(group)) return Number(group)
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === group)
  return Number(fields?.[2] ?? 0)
}

/** Whether a user or a group is given by its id. */
export function isNumber(word: string): boolean {
  return /^\d+$/.test(word)
}

/** Whether a line has an id in its third field. */
export function hasId(text: string, id: number): boolean {
  return text.split('\n').some((line) => line.split(':')[2] === String(id))
}

function withLine(text: string, line: string): string {
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`
}

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$(\w+)/g, (whole, name: string) => (Object.hasOwn(values, name) ? values[name]! : whole))
}
