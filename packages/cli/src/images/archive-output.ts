import type { ArchiveOrigin, ArchiveTarget } from '@podwright/contracts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { absolute } from './registry-flags.ts'

/** Where an archive goes: a file, or stdout unless that is a terminal. @throws CliError `ERR_CLI_ARGUMENTS` */
export function archiveOutput({ stdout }: CommandContext, path: string | undefined): ArchiveTarget {
  if (path !== undefined && path !== '-') return absolute(path)
  if (!stdout.isTerminal) return stdout.stream()
  throw new CliError('ERR_CLI_ARGUMENTS', 'an archive is not for a terminal', { hint: 'Name a file with -o, or redirect stdout.' })
}

/** Where an archive comes from: a file, or stdin unless that is a terminal. @throws CliError `ERR_CLI_ARGUMENTS` */
export function archiveInput({ stdin }: CommandContext, path: string | undefined): ArchiveOrigin {
  if (path !== undefined && path !== '-') return /^https?:\/\//.test(path) ? path : absolute(path)
  if (!stdin.isTerminal) return stdin.stream()
  throw new CliError('ERR_CLI_ARGUMENTS', 'an archive does not come from a terminal', { hint: 'Name a file, or redirect stdin.' })
}
