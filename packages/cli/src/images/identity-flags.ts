import type { EndpointAccess, RegistryCredentials } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'
import { CliError } from '../errors.ts'
import { parseCredentials } from './registry-flags.ts'

/** Who to be at a registry, in skopeo's other words than `--creds`. */
export const identityFlags = {
  'no-creds': { kind: 'boolean', description: 'Be nobody in particular at the registry, whatever auth.json has' },
  username: { kind: 'text', value: 'USER', description: 'Who to be at the registry, with --password' },
  password: { kind: 'text', description: 'Password at the registry; others on this host can read command lines' },
  'registry-token': { kind: 'text', value: 'TOKEN', description: 'Bearer token to send to the registry as it is' },
} as const

/** skopeo's word for `--retry`. */
export const retryTimesFlag = {
  'retry-times': {
    kind: 'integer',
    value: 'NUMBER',
    description: 'How often to try again after a failure of the registry or the line',
    defaultText: '4',
  },
} as const

/** What says who to be at one end, by what it is called there without its prefix. */
export interface Identity {
  readonly creds?: string | undefined
  readonly 'no-creds'?: boolean | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly 'registry-token'?: string | undefined
}

/**
 * Who to be, in whichever way it was said; undefined: as auth.json has it.
 *
 * @param prefix of the flags, for messages: `src-`
 * @throws CliError `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_FLAG_VALUE`
 */
export function identityOf(identity: Identity, prefix = ''): EndpointAccess['credentials'] {
  const { creds, username, password, 'registry-token': registryToken } = identity
  const ways = [
    ...(creds === undefined ? [] : ['creds']),
    ...(identity['no-creds'] === true ? ['no-creds'] : []),
    ...(username === undefined && password === undefined ? [] : ['username']),
    ...(registryToken === undefined ? [] : ['registry-token']),
  ]
  if (ways.length > 1) {
    const flags = ways.map((way) => `--${prefix}${way}`).join(' and ')
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `${flags} each say who to be: give one of them`)
  }
  if (identity['no-creds'] === true) return 'none'
  if (registryToken !== undefined) return { registryToken: filled(`--${prefix}registry-token`, registryToken) }
  if (creds !== undefined) return parseCredentials(creds)
  return username === undefined && password === undefined ? undefined : bothOf(username, password, prefix)
}

function bothOf(username: string | undefined, password: string | undefined, prefix: string): RegistryCredentials {
  if (username === undefined || password === undefined) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `--${prefix}username and --${prefix}password are given together, or neither`)
  }
  return { username: filled(`--${prefix}username`, username), password }
}

function filled(flag: string, text: string): string {
  if (text !== '') return text
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "" for ${flag}: it is empty`)
}

/** How to reach a registry by `--creds` or one of these. */
export function identityOptions(flags: Identity & FlagValues<typeof retryTimesFlag>): EndpointAccess {
  const credentials = identityOf(flags)
  return { ...(credentials !== undefined && { credentials }), ...retryTimesOptions(flags) }
}

/** @throws CliError `ERR_CLI_FLAG_VALUE` */
export function retryTimesOptions({ 'retry-times': retries }: FlagValues<typeof retryTimesFlag>): EndpointAccess {
  if (retries === undefined) return {}
  if (retries < 0) throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${retries}" for --retry-times: it is 0 or more`)
  return { retries }
}
