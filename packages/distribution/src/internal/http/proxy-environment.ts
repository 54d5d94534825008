/** The proxy that the environment names for a URL, by the rules of curl and Go: NO_PROXY wins, this machine is never proxied. */
export function proxyFor(url: URL, environment: Readonly<Record<string, string | undefined>>): URL | undefined {
  const scheme = url.protocol.slice(0, -1)
  const value = variable(environment, `${scheme}_proxy`) ?? variable(environment, 'all_proxy')
  if (value === undefined || isLoopback(url.hostname) || isExempt(url, variable(environment, 'no_proxy') ?? '')) return undefined
  return URL.parse(value.includes('://') ? value : `http://${value}`) ?? undefined
}

function variable(environment: Readonly<Record<string, string | undefined>>, lowerCaseName: string): string | undefined {
  return environment[lowerCaseName] || environment[lowerCaseName.toUpperCase()] || undefined
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

function isExempt(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(url.hostname, port, entry))
}

function matches(hostname: string, port: string, entry: string): boolean {
  if (entry === '*') return true
  const [, name = entry, entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
  if (entryPort !== undefined && entryPort !== port) return false
  if (name.includes('/')) return isInRange(hostname, name)
  const suffix = name.replace(/^\*?\./, '')
  return hostname === suffix || hostname.endsWith(`.${suffix}`)
}

/** IPv4 only: `10.0.0.0/8`. */
function isInRange(hostname: string, range: string): boolean {
  const [base = '', bits = ''] = range.split('/')
  const [address, start] = [ipv4(hostname), ipv4(base)]
  const length = Number(bits)
  if (address === undefined || start === undefined || !(length >= 0 && length <= 32)) return false
  const divisor = 2 ** (32 - length)
  return Math.floor(address / divisor) === Math.floor(start / divisor)
}

function ipv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined || parts.some((part) => part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}
