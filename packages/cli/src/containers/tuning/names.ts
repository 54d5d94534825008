import type { ContainerNameOptions, HostEntry } from '@podwright/contracts'
import { CliError } from '../../errors.ts'
import type { TuningFlagValues } from './uses-tuning.ts'

/**
 * `--add-host`, `--no-hosts`, `--hosts-file`, `--no-hostname`, `--domainname`, `--dns`, `--dns-search` and `--dns-option`. The engine checks the addresses.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readNames(flags: TuningFlagValues): ContainerNameOptions {
  const hosts = flags['add-host']
  if (flags['no-hosts'] === true && hosts.length > 0) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', '--no-hosts and --add-host cannot be set together')
  }
  return {
    ...(hosts.length > 0 && { extraHosts: hosts.map(readHost) }),
    ...(flags['no-hosts'] === true && { noHosts: true }),
    ...(flags['hosts-file'] !== undefined && { hostsFile: readHostsFile(flags['hosts-file']) }),
    ...(flags['no-hostname'] === true && { noHostname: true }),
    ...(flags.chrootdirs.length > 0 && { chrootDirectories: flags.chrootdirs }),
    ...(flags.domainname !== undefined && flags.domainname !== '' && { domainName: flags.domainname }),
    ...(flags.dns.length > 0 && { nameServers: readServers(flags.dns) }),
    ...(flags['dns-search'].length > 0 && { searchDomains: flags['dns-search'].map((domain) => domain || '.') }),
    ...(flags['dns-option'].length > 0 && { resolverOptions: flags['dns-option'] }),
  }
}

function readHostsFile(text: string): string {
  if (text === 'none') return text
  if (text === 'image') {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', "cannot honour --hosts-file image: podwright does not begin with the image's file yet", {
      hint: '--no-hosts leaves that file as it is.',
    })
  }
  return process.getBuiltinModule('node:path').resolve(text)
}

/** An IPv6 address may stand in brackets, as docker allows. */
function readHost(text: string): HostEntry {
  const [, name, address] = /^([^:=]+)[:=]\[?(.+?)\]?$/.exec(text) ?? []
  if (name === undefined || address === undefined) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --add-host: it is not NAME:ADDRESS`)
  }
  if (address === 'host-gateway') {
    throw new CliError(
      'ERR_CLI_NOT_SUPPORTED',
      `cannot honour --add-host ${text}: without bridges a container has no gateway to the host yet`,
      {
        hint: 'Give the address itself, or --network host.',
      },
    )
  }
  return { name, address }
}

function readServers(servers: readonly string[]): readonly string[] | 'none' {
  if (!servers.includes('none')) return servers
  if (servers.length === 1) return 'none'
  throw new CliError('ERR_CLI_FLAG_CONFLICT', '--dns none cannot be given with other name servers')
}
