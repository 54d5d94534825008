import type { EndpointAccess } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'
import { CliError } from '../errors.ts'
import { identityOf, type retryTimesFlag, retryTimesOptions } from './identity-flags.ts'
import { absolute } from './registry-flags.ts'

/** What goes along anyway. */
export const noSignaturesFlag = {
  'remove-signatures': { kind: 'boolean', description: 'Understood and not needed: no signatures go along', hidden: true },
} as const

/** How to reach each end of a copy, in skopeo's words. */
export const endpointFlags = {
  authfile: { kind: 'text', value: 'FILE', description: 'File to read credentials for both ends from' },
  'src-authfile': { kind: 'text', value: 'FILE', description: 'File to read credentials for the source from' },
  'src-cert-dir': { kind: 'text', value: 'DIR', description: 'Directory of *.crt, *.cert and *.key for the source' },
  'src-creds': { kind: 'text', value: 'USER:PASSWORD', description: 'Who to be at the source' },
  'src-no-creds': { kind: 'boolean', description: 'Be nobody in particular at the source, whatever auth.json has' },
  'src-password': { kind: 'text', description: 'Password at the source; others on this host can read command lines' },
  'src-registry-token': { kind: 'text', value: 'TOKEN', description: 'Bearer token to send to the source as it is' },
  'src-tls-verify': { kind: 'boolean', description: 'Insist on HTTPS with a trusted certificate at the source', defaultText: 'true' },
  'src-username': { kind: 'text', value: 'USER', description: 'Who to be at the source, with --src-password' },
  'dest-authfile': { kind: 'text', value: 'FILE', description: 'File to read credentials for the destination from' },
  'dest-cert-dir': { kind: 'text', value: 'DIR', description: 'Directory of *.crt, *.cert and *.key for the destination' },
  'dest-creds': { kind: 'text', value: 'USER:PASSWORD', description: 'Who to be at the destination' },
  'dest-no-creds': { kind: 'boolean', description: 'Be nobody in particular at the destination, whatever auth.json has' },
  'dest-password': { kind: 'text', description: 'Password at the destination; others on this host can read command lines' },
  'dest-registry-token': { kind: 'text', value: 'TOKEN', description: 'Bearer token to send to the destination as it is' },
  'dest-tls-verify': { kind: 'boolean', description: 'Insist on HTTPS with a trusted certificate at the destination', defaultText: 'true' },
  'dest-username': { kind: 'text', value: 'USER', description: 'Who to be at the destination, with --dest-password' },
} as const

type EndpointFlags = FlagValues<typeof endpointFlags & typeof retryTimesFlag>

/** How these flags say that the two ends are reached. */
export function endpointsOf(flags: EndpointFlags): { readonly from: EndpointAccess; readonly to: EndpointAccess } {
  return { from: endpointOf(flags, 'src'), to: endpointOf(flags, 'dest') }
}

function endpointOf(flags: EndpointFlags, end: 'src' | 'dest'): EndpointAccess {
  const identity = {
    creds: flags[`${end}-creds`],
    'no-creds': flags[`${end}-no-creds`],
    username: flags[`${end}-username`],
    password: flags[`${end}-password`],
    'registry-token': flags[`${end}-registry-token`],
  }
  const credentials = identityOf(identity, `${end}-`)
  const tlsVerify = flags[`${end}-tls-verify`]
  const certificates = flags[`${end}-cert-dir`]
  const authFile = flags[`${end}-authfile`] ?? flags.authfile
  if (credentials !== undefined && flags[`${end}-authfile`] !== undefined) {
    const [given] = Object.entries(identity).find(([, value]) => value !== undefined) ?? ['creds']
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `--${end}-${given} and --${end}-authfile both say who to be: give one of them`)
  }
  return {
    ...retryTimesOptions(flags),
    ...(tlsVerify !== undefined && { tlsVerify }),
    ...(credentials !== undefined && { credentials }),
    ...(authFile !== undefined && { authFile: absolute(authFile) }),
    ...(certificates !== undefined && certificates !== '' && { certificateDirectory: absolute(certificates) }),
  }
}
