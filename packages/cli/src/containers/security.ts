import type { ContainerOptions } from '@podwright/contracts'
import { CliError } from '../errors.ts'

/** What `--security-opt` says. */
export type SecurityOptions = Pick<ContainerOptions, 'noNewPrivileges' | 'seccompProfile'>

/**
 * Reads every `--security-opt`. `label=disable` and `apparmor=unconfined` ask for what is so here anyway.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readSecurityOptions(texts: readonly string[]): SecurityOptions {
  let options: SecurityOptions = {}
  for (const text of texts) options = { ...options, ...readOne(text) }
  return options
}

function readOne(text: string): SecurityOptions {
  const [name = '', value] = splitOnce(text)
  if (name === 'no-new-privileges') {
    if (value !== undefined && value !== 'true' && value !== 'false') throw invalid(text)
    return { noNewPrivileges: value !== 'false' }
  }
  if (name === 'seccomp' && value !== undefined && value !== '') {
    return { seccompProfile: value === 'unconfined' ? value : process.getBuiltinModule('node:path').resolve(value) }
  }
  if (text === 'label=disable' || text === 'label:disable' || text === 'apparmor=unconfined' || text === 'apparmor:unconfined') return {}
  if (['label', 'apparmor', 'mask', 'unmask', 'proc-opts', 'systempaths', 'writable-cgroups'].includes(name)) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --security-opt ${text}: podwright does not have it yet`)
  }
  throw invalid(text)
}

/** docker allows a colon in the place of the equals sign. */
function splitOnce(text: string): readonly [string, string | undefined] {
  const at = text.search(/[=:]/)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function invalid(text: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --security-opt`, {
    hint: 'It is no-new-privileges, seccomp=unconfined or seccomp=FILE.',
  })
}
