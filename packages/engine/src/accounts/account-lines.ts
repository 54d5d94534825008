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

/**
 * The texts with a user, and the user's group, unless they have the ids already.
 *
 * @param templates only for the container's own user
 */
export function withAccount(texts: AccountTexts, account: Account, templates: AccountTemplates = {}): AccountTexts {
  const { name, uid, gid, comment, home } = account
  const { passwdEntry = `${name}:${noPassword}:${uid}:${gid}:${comment}:${home}:${shell}`, groupEntry = `${name}:x:${gid}:${name}` } =
    templates
  return {
    passwd: hasId(texts.passwd, uid)
      ? texts.passwd
      : withLine(texts.passwd, filled(passwdEntry, { USERNAME: name, UID: String(uid), GID: String(gid), NAME: comment, HOME: home })),
    group: hasId(texts.group, gid)
      ? texts.group
      : withLine(texts.group, filled(groupEntry, { GROUPNAME: name, GID: String(gid), USERLIST: name })),
  }
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
