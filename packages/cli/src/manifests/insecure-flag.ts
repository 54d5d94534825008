import type { EndpointAccess } from '@podwright/contracts'
import type { FlagValues } from '../command-line/flags.ts'
import { CliError } from '../errors.ts'
import { type accessFlags, accessOptions } from '../images/registry-flags.ts'

/** docker's word for `--tls-verify=false`. */
export const insecureFlag = {
  insecure: { kind: 'boolean', description: 'Take any certificate of the registry, and plain HTTP: --tls-verify=false' },
} as const

/** How to reach the registry of a list. @throws CliError `ERR_CLI_FLAG_CONFLICT` */
export function listAccessOptions(flags: FlagValues<typeof accessFlags & typeof insecureFlag>): EndpointAccess {
  if (flags.insecure !== undefined && flags['tls-verify'] === flags.insecure) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', '--insecure and --tls-verify contradict each other')
  }
  return { ...accessOptions(flags), ...(flags.insecure === true && { tlsVerify: false }) }
}
