import type { EndpointAccess } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'
import { CliError } from '../errors.ts'
import { absolute, parseCredentials } from './registry-flags.ts'

/** How to reach each end of a copy, in skopeo's words. */
export const endpointFlags = {
  authfile: { kind: 'text', value: 'FILE', description: 'File to read credentials for both ends from' },
  'src-authfile': { kind: 'text', value: 'FILE', description: 'File to read credentials for the source from' },
  'src-creds': { kind: 'text', value: 'USER:PASSWORD', description: 'Who to be at the source' },
  'src-tls-verify': { kind: 'boolean', description: 'Insist on HTTPS with a trusted certificate at the source', defaultText: 'true' },
  'dest-authfile': { kind: 'text', value: 'FILE', description: 'File to read credentials for the destination from' },
  'dest-creds': { kind: 'text', value: 'USER:PASSWORD', description: 'Who to be at the destination' },
  'dest-tls-verify': { kind: 'boolean', description: 'Insist on HTTPS with a trusted certificate at the destination', defaultText: 'true' },
} as const

type EndpointFlags = FlagValues<typeof endpointFlags>

/** How these flags say that the two ends are reached. */
export function endpointsOf(flags: EndpointFlags): { readonly from: EndpointAccess; readonly to: EndpointAccess } {
  return { from: endpointOf(flags, 'src'), to: endpointOf(flags, 'dest') }
}

function endpointOf(flags: EndpointFlags, end: 'src' | 'dest'): EndpointAccess {
  const creds = flags[`${end}-creds`]
  const tlsVerify = flags[`${end}-tls-verify`]
  const authFile = flags[`${end}-authfile`] ?? flags.authfile
  if (creds !== undefined && flags[`${end}-authfile`] !== undefined) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `--${end}-creds and --${end}-authfile both say who to be: give one of them`)
  }
  return {
    ...(tlsVerify !== undefined && { tlsVerify }),
    ...(creds !== undefined && { credentials: parseCredentials(creds) }),
    ...(authFile !== undefined && { authFile: absolute(authFile) }),
  }
}
