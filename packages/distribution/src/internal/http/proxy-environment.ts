import { BlockList, isIP } from 'node:net'
import { DistributionError } from '../../errors.ts'
import { isLoopback } from './is-loopback.ts'

/** The proxy that the environment names for a URL, by the rules of curl and Go: NO_PROXY wins, this machine is never proxied. */
export function proxyFor(url: URL, environment: Readonly<Record<string, string | undefined>>): URL | undefined {
  const scheme = url.protocol.slice(0, -1)
  const value = variable(environment, `${scheme}_proxy`) ?? variable(environment, 'all_proxy')
  if (value === undefined || isLoopback(url.hostname) || isExempt(url, variable(environment, 'no_proxy') ?? '')) return undefined
  return parseProxy(value)
}

/** Its value may have a password in it, and is not quoted. */
function parseProxy(value: string): URL {
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`)
  if (proxy !== null && proxy.hostname !== '' && /^https?:$/.test(proxy.protocol)) return proxy
  const reason = proxy === null || proxy.hostname === '' ? 'it is no URL' : `${proxy.protocol}// is not supported`
  throw new DistributionError('ERR_PROXY_INVALID', `cannot use the proxy that the environment names: ${reason}`, {
    hint: 'Set HTTPS_PROXY and HTTP_PROXY to http://HOST:PORT or https://HOST:PORT, or NO_PROXY to the hosts that need none.',
  })
}

function variable(environment: Readonly<Record<string, string | undefined>>, lowerCaseName: string): string | undefined {
  return environment[lowerCaseName] || environment[lowerCaseName.toUpperCase()] || undefined
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
  if (entry.includes('/')) return isInRange(hostname, entry)
  const [, name = entry, entryPort] = isIP(entry) === 6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? [])
  if (entryPort !== undefined && entryPort !== port) return false
  const suffix = name.replace(/^\*?\./, '')
  return hostname.replace(/^\[|\]$/g, '') === suffix.replace(/^\[|\]$/g, '') || hostname.endsWith(`.${suffix}`)
}

/** `10.0.0.0/8`, `fd00::/8`. */
function isInRange(hostname: string, range: string): boolean {
  const [base = '', bits = ''] = range.split('/')
  const address = hostname.replace(/^\[|\]$/g, '')
  const [family, length] = [isIP(base), Number(bits)]
  if (family === 0 || family !== isIP(address) || bits === '' || !(length >= 0 && length <= (family === 4 ? 32 : 128))) return false
  const ranges = new BlockList()
  ranges.addSubnet(base, length, `ipv${family as 4 | 6}`)
  return ranges.check(address, `ipv${family as 4 | 6}`)
}
