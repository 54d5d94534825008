/** A user as a process needs it. */
export interface ResolvedUser {
  readonly uid: number
  readonly gid: number
  readonly additionalGids: readonly number[]
  /** Undefined for an id that /etc/passwd doesn't have. */
  readonly username: string | undefined
  /** @default '/' */
  readonly home: string
}

/**
 * Resolves `user`, `uid`, `user:group`, `uid:gid` by the texts of /etc/passwd and /etc/group. Ids that are in neither are taken as they are.
 *
 * @throws `ERR_USER_NOT_FOUND`, `ERR_USER_INVALID`
 */
export function resolveUser(passwd: string, group: string, user: string, additionalGroups: readonly string[] = []): ResolvedUser {
  throw new Error(`unfinished ${passwd} ${group} ${user} ${additionalGroups.length}`)
}
