import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'

/** Where the host's name servers are looked up. */
export interface HostNameServersOptions {
  /** @default '/etc/resolv.conf' */
  readonly resolvConfPath?: string | undefined
  /** What a resolver on loopback asks itself. @default '/run/systemd/resolve/resolv.conf' */
  readonly upstreamPath?: string | undefined
}

/** The `nameserver` lines of a resolv.conf that hold an address, in order. */
export function parseNameServers(text: string): string[] {
  return [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map((match) => match[1] ?? '').filter((address) => isIP(address) !== 0)
}

/** Whether an address means this machine, or only makes sense together with one of its interfaces. */
export function isLocalAddress(address: string): boolean {
  return /^(127\.|0\.0\.0\.0$|::1$|::$|fe[89ab][0-9a-f]:)/i.test(address) || address.includes('%')
}

/**
 * The host's name servers that another network namespace can reach: those of resolv.conf, or, when that names a resolver on loopback only
 * (systemd-resolved), the servers which that one asks. None when there is no such server.
 */
export function hostNameServers(options: HostNameServersOptions = {}): string[] {
  const { resolvConfPath = '/etc/resolv.conf', upstreamPath = '/run/systemd/resolve/resolv.conf' } = options
  const direct = reachable(resolvConfPath)
  return direct.length > 0 ? direct : reachable(upstreamPath)
}

function reachable(path: string): string[] {
  try {
    return parseNameServers(readFileSync(path, 'utf8')).filter((address) => !isLocalAddress(address))
  } catch {
    return []
  }
}
