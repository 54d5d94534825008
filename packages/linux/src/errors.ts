import { PodwrightError } from '@podwright/conventions'

/** Every code that this package throws, with its meaning. */
export const linuxErrorCodes = {
  ERR_LINUX_LIBC: 'The C library could not be opened: koffi has no binary for this platform, or its package is not installed.',
  ERR_LINUX_DATAGRAM: 'A datagram could not be sent to a Unix socket.',
  ERR_LINUX_SEQPACKET: 'A SOCK_SEQPACKET socket could not be connected.',
  ERR_LINUX_TERMINAL: 'A descriptor is not a terminal, or its settings could not be read or changed.',
  ERR_FILE_LOCKED: 'Somebody else holds the lock.',
  ERR_FILE_READ_ONLY: 'A lock would have to be written on a file system that is read-only.',
  ERR_TOOL_NOT_FOUND: 'A system tool is not installed.',
  ERR_TOOL_FAILED: 'A system tool could not be started, ended with a failure, or was killed.',
} as const

/** A code of this package. */
export type LinuxErrorCode = keyof typeof linuxErrorCodes

/** What this package throws on purpose. Failed calls of `SpecialFiles` and `openInRoot` are errors like those of `node:fs` instead. */
export class LinuxError extends PodwrightError<LinuxErrorCode> {}
