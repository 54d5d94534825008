import type { ContainerSettings } from '../state/record.ts'

/** Whether a container's /etc/passwd and /etc/group get lines of ours. */
export function wantsAccounts({ tuning }: Pick<ContainerSettings, 'tuning'>): boolean {
  if (tuning?.accounts === false) return false
  const { userNamespace, passwdEntry, groupEntry, hostUsers = [] } = tuning ?? {}
  return userNamespace?.mode === 'keep-id' || passwdEntry !== undefined || groupEntry !== undefined || hostUsers.length > 0
}
