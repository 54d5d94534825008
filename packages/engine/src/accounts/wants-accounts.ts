import { isNumber } from './account-lines.ts'
import type { ContainerSettings } from '../state/record.ts'

/** Whether a container's /etc/passwd and /etc/group get lines of ours. */
export function wantsAccounts({ root, tuning, user }: Pick<ContainerSettings, 'root' | 'tuning' | 'user'>): boolean {
  // A directory of the host that is the root itself is somebody's.
  if (tuning?.accounts === false || root?.overlay === false) return false
  const { userNamespace, passwdEntry, groupEntry, hostUsers = [] } = tuning ?? {}
  const isAsked = userNamespace?.mode === 'keep-id' || passwdEntry !== undefined || groupEntry !== undefined || hostUsers.length > 0
  return isAsked || hasNumber(user)
}

/** An image may not know a user, or a group, that is given by its number: one without /etc/passwd not even root. */
function hasNumber(user: string): boolean {
  return user.split(':').some((part) => isNumber(part))
}
