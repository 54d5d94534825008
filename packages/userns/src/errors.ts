import { PodwrightError } from '@podwright/conventions'

/** Every code that this package throws, with its meaning. */
export const usernsErrorCodes = {
  ERR_USERNS_NO_SUBIDS: 'The user has no range of subordinate ids in /etc/subuid or /etc/subgid.',
  ERR_USERNS_NEWUIDMAP_MISSING: 'newuidmap or newgidmap is not installed.',
  ERR_USERNS_NEWUIDMAP_NOT_PRIVILEGED:
    'newuidmap or newgidmap has neither the set-user-id bit nor file capabilities, or lies on a nosuid mount.',
  ERR_USERNS_DISABLED: 'The kernel has no user namespaces, or a sysctl forbids them to plain users.',
  ERR_USERNS_APPARMOR: 'AppArmor forbids plain users to make user namespaces (Ubuntu from 23.10 on).',
  ERR_USERNS_CREATE: 'The user namespace could not be made or mapped for another reason, which the message tells.',
  ERR_USERNS_ID_MAP: 'An id map is empty, overlaps, or is out of the range of ids.',
  ERR_NAMESPACE_WORKER: 'A worker could not be started, or ended before its tasks did.',
  ERR_NAMESPACE_TASK: 'A worker does not know a task, or a task failed with something that is not an error.',
} as const

/** A code of this package. */
export type UsernsErrorCode = keyof typeof usernsErrorCodes

/** What this package throws on purpose. */
export class UsernsError extends PodwrightError<UsernsErrorCode> {}
