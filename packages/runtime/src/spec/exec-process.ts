import type { RuntimeCapabilities, RuntimeProcess, RuntimeSpec } from '@podwright/oci'
import { RuntimeError } from '../errors.ts'
import { extendEnvironment } from './environment.ts'
import { consoleSize, runtimeUser } from './process-section.ts'
import { type ResolvedUser, resolveUser } from './user.ts'

/** A command inside a running container. */
export interface ExecProcessInput {
  /** The container's own spec: its environment, limits, capabilities and security settings hold for the command, too. */
  readonly spec: RuntimeSpec
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>> | undefined
  readonly workingDirectory?: string | undefined
  /** @default the container's */
  readonly user?: string | undefined
  /** Texts of the container's /etc/passwd and /etc/group; needed with a `user`. */
  readonly passwd?: string | undefined
  readonly group?: string | undefined
  /** @default false */
  readonly terminal?: boolean | undefined
  /** All of `hostCapabilities`, and no seccomp filter where the runtime lets us say so. @default false */
  readonly privileged?: boolean | undefined
  /** `HostFacts.capabilities`; needed with `privileged`. */
  readonly hostCapabilities?: readonly string[] | undefined
  readonly consoleSize?: { readonly rows: number; readonly columns: number } | undefined
}

/**
 * The process document of an exec session.
 *
 * @throws `ERR_COMMAND_EMPTY`, `ERR_USER_NOT_FOUND`, `ERR_USER_INVALID`
 */
export function execProcess(input: ExecProcessInput): RuntimeProcess {
  if (input.command.length === 0) throw new RuntimeError('ERR_COMMAND_EMPTY', 'there is no command to run in the container')
  const base = input.spec.process
  const user = input.user === undefined || input.user === '' ? undefined : resolveUser(input.passwd ?? '', input.group ?? '', input.user)
  const { terminal: _terminal, consoleSize: _size, ...kept } = base
  return {
    ...kept,
    ...(input.terminal ? { terminal: true, ...consoleSize(input.consoleSize) } : {}),
    user: user === undefined ? base.user : runtimeUser(user, base.user.umask),
    args: input.command,
    env: environment(input, user),
    cwd: input.workingDirectory || base.cwd,
    capabilities: capabilities(input, user?.uid ?? base.user.uid),
  }
}

function environment(input: ExecProcessInput, user: ResolvedUser | undefined): readonly string[] {
  const base = input.spec.process.env ?? []
  const added: Record<string, string> = {}
  if (input.terminal && !base.some((word) => word.startsWith('TERM='))) added['TERM'] = 'xterm'
  // Another user has another home, unless somebody chose the container's on purpose.
  if (user !== undefined && base.includes(`HOME=${homeOf(input, input.spec.process.user.uid)}`)) added['HOME'] = user.home
  return extendEnvironment(base, { ...added, ...input.environment })
}

function homeOf({ passwd = '', group = '' }: ExecProcessInput, uid: number): string {
  return resolveUser(passwd, group, String(uid)).home
}

function capabilities(input: ExecProcessInput, uid: number): RuntimeCapabilities {
  const base = input.spec.process.capabilities ?? {}
  const bounding = input.privileged ? (input.hostCapabilities ?? base.bounding ?? []) : (base.bounding ?? [])
  if (uid === 0 || input.privileged) return { bounding, effective: bounding, permitted: bounding }
  const own = base.ambient ?? []
  return own.length === 0 ? { bounding } : { bounding, effective: own, permitted: own, inheritable: own, ambient: own }
}
