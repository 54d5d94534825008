import { execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { testUserName } from './test-user.ts'

/** As whom the command runs. */
export interface Role {
  readonly name: 'root' | 'a plain user'
  readonly rootless: boolean
  readonly uid: number
  readonly gid: number
  readonly userName: string
  /** Why this machine can't run it, if it can't. */
  readonly missing?: string
}

/** Whether the tests themselves may mount and change users. */
export const isRoot: boolean = process.getuid?.() === 0

/** Both roles; the run as root does both, a plain user's run only its own. */
export const roles: readonly Role[] = isRoot ? [rootRole(), testUserRole()] : [rootRole('needs root'), ownRole()]

/** The words before a command that make it run as the role; none where it does anyway. */
export function asRole(role: Role): string[] {
  if (role.uid === process.getuid?.()) return []
  return ['setpriv', '--reuid', String(role.uid), '--regid', String(role.gid), '--init-groups', '--']
}

function rootRole(missing?: string): Role {
  return { name: 'root', rootless: false, uid: 0, gid: 0, userName: 'root', ...(missing === undefined ? {} : { missing }) }
}

function testUserRole(): Role {
  const role = { name: 'a plain user', rootless: true, userName: testUserName } as const
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, testUserName], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    return { ...role, uid: id('-u'), gid: id('-g') }
  } catch {
    return { ...role, uid: -1, gid: -1, missing: `the user ${testUserName} is missing: tools/setup makes it` }
  }
}

function ownRole(): Role {
  const { uid, gid, username } = userInfo()
  return { name: 'a plain user', rootless: true, uid, gid, userName: username }
}
