import type { ContainerOptions, NetworkMode, SlirpChoice, UplinkChoice } from '@podwright/contracts'
import { CliError } from '../errors.ts'

const networks: Readonly<Record<string, NetworkMode>> = {
  none: 'none',
  host: 'host',
  private: 'private',
  // The names that docker and podman give to what is private here.
  bridge: 'private',
  default: 'private',
}

/**
 * `--network`: a mode, or a private network whose way out is named, as `pasta:--mtu,1400` and `slirp4netns:mtu=1400`.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readNetwork(text: string): Pick<ContainerOptions, 'network' | 'uplink'> {
  const mode = Object.hasOwn(networks, text) ? networks[text] : undefined
  if (mode !== undefined) return { network: mode }
  if (/^container:./.test(text) || text.startsWith('ns:/')) return { network: text as NetworkMode }
  const [, program, rest = ''] = /^(pasta|slirp4netns)(?::(.*))?$/s.exec(text) ?? []
  const words = rest.split(',').filter((word) => word !== '')
  if (program === 'pasta') return { network: 'private', uplink: readPasta(words) }
  if (program === 'slirp4netns') return { network: 'private', uplink: readSlirp(words) }
  throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --network ${text}: podwright does not have networks by name yet`, {
    hint: 'It is private (the default), host, none, container:NAME, ns:PATH, or one with a way out by name: pasta, slirp4netns.',
    details: { network: text },
  })
}

/** Which would keep it from being the container's: where it joins, whether it goes into the background, and where its pid is. */
const ofTheEngine = /^(?:-[fPh]|--(?:foreground|pid|netns|userns|netns-only|runas|help|version|no-netns-quit)(?:=.*)?)$/s

function readPasta(words: readonly string[]): UplinkChoice {
  const taken = words.find((word) => ofTheEngine.test(word))
  if (taken !== undefined) throw invalid('pasta', taken, 'podwright says that to pasta itself')
  if (words[0] !== undefined && !words[0].startsWith('-')) {
    throw invalid('pasta', words[0], 'it is no option', 'Options of pasta(1) come with their dashes: pasta:--mtu,1400')
  }
  return { program: 'pasta', ...(words.length > 0 && { arguments: words }) }
}

function readSlirp(words: readonly string[]): UplinkChoice {
  return words.reduce<SlirpChoice>((choice, word) => ({ ...choice, ...readSlirpOption(word) }), { program: 'slirp4netns' })
}

/** podman-run(1), `--network`, slirp4netns. */
function readSlirpOption(word: string): Partial<SlirpChoice> {
  const at = word.indexOf('=')
  const [name, value] = at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
  const wrong = (reason: string): CliError => invalid('slirp4netns', word, reason)
  switch (name) {
    case 'allow_host_loopback':
    case 'enable_ipv6': {
      if (value !== 'true' && value !== 'false') throw wrong('it is true or false')
      return name === 'enable_ipv6' ? { ipv6: value === 'true' } : { hostLoopback: value === 'true' }
    }
    case 'mtu':
      // slirp4netns(1): 68 is the least that IPv4 allows.
      if (!/^\d{2,5}$/.test(value) || Number(value) < 68 || Number(value) > 65_521) throw wrong('it is a number of bytes, 68 to 65521')
      return { mtu: Number(value) }
    case 'cidr':
      if (!isNetwork(value)) throw wrong('it is a network of IPv4 with 1 to 25 bits, as 10.0.2.0/24')
      return { cidr: value }
    case 'outbound_addr':
      if (!isSource(value, 4)) throw wrong('it is an address of IPv4 or an interface of this host')
      return { outboundAddress: value }
    case 'outbound_addr6':
      if (!isSource(value, 6)) throw wrong('it is an address of IPv6 or an interface of this host')
      return { outboundAddress6: value }
    case 'port_handler':
      if (value === 'slirp4netns') return {}
      if (value !== 'rootlesskit') throw wrong('it is slirp4netns')
      throw new CliError(
        'ERR_CLI_NOT_SUPPORTED',
        `cannot honour --network slirp4netns:${word}: podwright forwards ports by slirp4netns itself`,
        {
          hint: 'Give port_handler=slirp4netns, or leave it out.',
        },
      )
    default:
      throw invalid(
        'slirp4netns',
        word,
        'there is no such option',
        'It is allow_host_loopback, mtu, cidr, enable_ipv6, outbound_addr, outbound_addr6 or port_handler.',
      )
  }
}

function isNetwork(text: string): boolean {
  const [, address = '', bits = '0'] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? []
  // The address inside is the hundredth of it.
  return process.getBuiltinModule('node:net').isIPv4(address) && Number(bits) >= 1 && Number(bits) <= 25
}

function isSource(text: string, family: 4 | 6): boolean {
  const found = process.getBuiltinModule('node:net').isIP(text)
  return found === 0 ? Object.hasOwn(process.getBuiltinModule('node:os').networkInterfaces(), text) : found === family
}

function invalid(program: string, word: string, reason: string, hint?: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${word}" of --network ${program}: ${reason}`, {
    ...(hint !== undefined && { hint }),
    details: { flag: '--network', value: word },
  })
}

/** What `--network` was. */
export function networkWord(choice: UplinkChoice): string {
  const words = choice.program === 'pasta' ? (choice.arguments ?? []) : slirpWords(choice)
  return [choice.program, ...(words.length > 0 ? [words.join(',')] : [])].join(':')
}

function slirpWords({ hostLoopback, mtu, cidr, ipv6, outboundAddress, outboundAddress6 }: SlirpChoice): readonly string[] {
  const options = {
    allow_host_loopback: hostLoopback,
    mtu,
    cidr,
    enable_ipv6: ipv6,
    outbound_addr: outboundAddress,
    outbound_addr6: outboundAddress6,
  }
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}
