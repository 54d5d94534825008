/** What goes into /etc/hosts. */
export interface HostsFileInput {
  /** The host's own file, whose names come along; without it, localhost alone. */
  readonly base?: string | undefined
  /** The container's address; 127.0.0.1 when it has none. Undefined with the host's network: its names are then those of the host. */
  readonly address?: string | undefined
  /** Its own names: host name and container name. */
  readonly names: readonly string[]
  /** `--add-host`; they come first, so that they win. */
  readonly entries?: readonly { readonly address: string; readonly name: string }[] | undefined
  /** The host as seen from inside; adds host.containers.internal and host.docker.internal. */
  readonly hostAddress?: string | undefined
}

const hostNames = ['host.containers.internal', 'host.docker.internal']

/** Text of /etc/hosts. */
export function hostsFile(input: HostsFileInput): string {
  const lines = (input.entries ?? []).map(({ address, name }) => `${address}\t${name}`)
  const taken = new Set([...(input.entries ?? []).map(({ name }) => name), ...input.names])
  lines.push(...baseHosts(input.base, taken))
  if (input.hostAddress !== undefined) {
    const names = hostNames.filter((name) => !taken.has(name))
    if (names.length > 0) lines.push(`${input.hostAddress}\t${names.join(' ')}`)
  }
  const own = input.names.filter((name) => name !== '')
  if (own.length > 0) lines.push(`${input.address ?? '127.0.0.1'}\t${[...new Set(own)].join(' ')}`)
  return `${lines.join('\n')}\n`
}

function baseHosts(base: string | undefined, taken: ReadonlySet<string>): readonly string[] {
  if (base === undefined) return ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback']
  const lines: string[] = []
  for (const line of base.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    const kept = names.filter((name) => !taken.has(name) && !hostNames.includes(name))
    if (address && kept.length > 0) lines.push(`${address}\t${kept.join(' ')}`)
  }
  return lines
}

/** What goes into /etc/resolv.conf. */
export interface ResolvConfInput {
  /** The host's file. */
  readonly base?: string | undefined
  /** Whether the network is the container's own: name servers on the host's loopback can't be reached from it then. */
  readonly privateNetwork: boolean
  /** Replacing the host's. */
  readonly nameServers?: readonly string[] | undefined
  /** Replacing the host's; `.` alone: none. */
  readonly searchDomains?: readonly string[] | undefined
  /** Replacing the host's. */
  readonly options?: readonly string[] | undefined
}

/** Used when nothing else is left, as docker and podman do. */
const publicNameServers = ['8.8.8.8', '8.8.4.4', '2001:4860:4860::8888', '2001:4860:4860::8844']

/** Text of /etc/resolv.conf. */
export function resolvConf(input: ResolvConfInput): string {
  const base = parseResolvConf(input.base ?? '')
  const inherited = input.privateNetwork ? base.nameServers.filter((server) => !isLoopback(server)) : base.nameServers
  const own = input.nameServers ?? []
  const servers = own.length > 0 ? own : inherited.length > 0 || !input.privateNetwork ? inherited : publicNameServers
  const search = input.searchDomains ?? base.search
  const options = input.options ?? base.options
  const lines: string[] = []
  if (search.length > 0 && !(search.length === 1 && search[0] === '.')) lines.push(`search ${search.join(' ')}`)
  lines.push(...new Set(servers.map((server) => `nameserver ${server}`)))
  if (options.length > 0) lines.push(`options ${options.join(' ')}`)
  return lines.length > 0 ? `${lines.join('\n')}\n` : ''
}

/** The facts of a resolv.conf(5). The last `search` or `domain` counts, options add up. */
function parseResolvConf(text: string): { nameServers: string[]; search: string[]; options: string[] } {
  const found = { nameServers: [] as string[], search: [] as string[], options: [] as string[] }
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'nameserver' && words[0]) found.nameServers.push(words[0])
    else if (keyword === 'search' || keyword === 'domain') found.search = words
    else if (keyword === 'options') found.options.push(...words)
  }
  return found
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/** Facts that a program in the container may read. */
export interface ContainerEnvInput {
  readonly engineVersion: string
  readonly name: string
  readonly id: string
  readonly imageName: string
  readonly imageId: string
  readonly rootless: boolean
}

/** Text of /run/.containerenv, which shells can source, as Podman writes it for privileged containers; others get an empty file there. */
export function containerEnvFile(input: ContainerEnvInput): string {
  const facts = {
    engine: `podwright-${input.engineVersion}`,
    name: input.name,
    id: input.id,
    image: input.imageName,
    imageid: input.imageId,
    rootless: input.rootless ? '1' : '0',
  }
  return Object.entries(facts)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\$`]/g, '\\$&')}"\n`)
    .join('')
}
