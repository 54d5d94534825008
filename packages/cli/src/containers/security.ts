import type { ContainerOptions } from '@podwright/contracts'
import { CliError } from '../errors.ts'

/** What `--security-opt` says. */
export type SecurityOptions = Pick<ContainerOptions, 'noNewPrivileges' | 'seccompProfile' | 'maskedPaths' | 'unmaskedPaths'>

/**
 * Reads every `--security-opt`. `label=disable` and `apparmor=unconfined` ask for what is so here anyway.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readSecurityOptions(texts: readonly string[]): SecurityOptions {
  let options: SecurityOptions = {}
  for (const text of texts) {
    const { maskedPaths = [], unmaskedPaths = [], ...one } = readOne(text)
    options = {
      ...options,
      ...one,
      ...(maskedPaths.length > 0 && { maskedPaths: [...(options.maskedPaths ?? []), ...maskedPaths] }),
      ...(unmaskedPaths.length > 0 && { unmaskedPaths: [...(options.unmaskedPaths ?? []), ...unmaskedPaths] }),
    }
  }
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
  if (name === 'mask' && value !== undefined) return { maskedPaths: readPaths(text, value) }
  if (name === 'unmask' && value !== undefined) return { unmaskedPaths: value.toUpperCase() === 'ALL' ? ['ALL'] : readPaths(text, value) }
  // docker's word for it.
  if (name === 'systempaths' && value === 'unconfined') return { unmaskedPaths: ['ALL'] }
  if (text === 'label=disable' || text === 'label:disable' || text === 'apparmor=unconfined' || text === 'apparmor:unconfined') return {}
  if (['label', 'apparmor', 'proc-opts', 'writable-cgroups'].includes(name)) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --security-opt ${text}: podwright does not have it yet`)
  }
  throw invalid(text)
}

function readPaths(text: string, value: string): readonly string[] {
  const paths = value.split(':')
  if (paths.every((path) => path.startsWith('/'))) return paths
  throw new CliError(
    'ERR_CLI_FLAG_VALUE',
    `invalid value "${text}" for --security-opt: after it come absolute paths, with colons between them`,
  )
}

/** docker allows a colon in the place of the equals sign. */
function splitOnce(text: string): readonly [string, string | undefined] {
  const at = text.search(/[=:]/)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function invalid(text: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --security-opt`, {
    hint: 'It is no-new-privileges, seccomp=unconfined, seccomp=FILE, mask=PATH or unmask=PATH.',
  })
}
