import { DistributionError } from '../../errors.ts'
import { isWithoutTls } from '../http/connection-error.ts'
import { type Connections, exchange } from '../http/exchange.ts'
import { isLoopback } from '../http/is-loopback.ts'

/** Where registries are spoken to. */
export interface BaseUrls {
  /**
   * @param tlsVerify false: HTTPS with whatever certificate, or plain HTTP, whichever the server speaks
   */
  baseUrlOf(registry: string, tlsVerify: boolean, signal?: AbortSignal): Promise<URL>
}

/** Docker Hub's names are of `docker.io`, its registry is elsewhere. */
const hosts: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io', 'index.docker.io': 'registry-1.docker.io' }

export function createBaseUrls(connections: Connections): BaseUrls {
  const probed = new Map<string, Promise<URL>>()
  return {
    baseUrlOf: async (registry, tlsVerify, signal) => {
      const host = hosts[registry] ?? registry
      if (tlsVerify) return baseUrl('https', host)
      const known = probed.get(host)
      if (known !== undefined) return known
      const probe = probeScheme(connections, host, signal)
      probed.set(host, probe)
      // What was called off or failed is no knowledge.
      probe.catch(() => probed.delete(host))
      return probe
    },
  }
}

/**
 * HTTPS first; on this machine, plain HTTP first: nobody listens on the way, such a registry seldom has a certificate, and Node's TLS takes 10 ms to load. Who speaks TLS alone answers a
 * plain request with 400, with the way to HTTPS, or not at all.
 */
async function probeScheme(connections: Connections, host: string, signal: AbortSignal | undefined): Promise<URL> {
  const [secure, plain] = [baseUrl('https', host), baseUrl('http', host)]
  if (isLoopback(plain.hostname) && (await speaksPlainly(connections, plain, signal))) return plain
  try {
    await answers(connections, secure, signal)
    return secure
  } catch (error) {
    if (isWithoutTls(error)) return plain
    throw error
  }
}

async function speaksPlainly(connections: Connections, plain: URL, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const status = await answers(connections, plain, signal)
    return status !== 400 && Math.trunc(status / 100) !== 3
  } catch (error) {
    if (isWithoutTls(error)) return false
    throw error
  }
}

/** The status of the API's root, asked for by nobody in particular. */
async function answers(connections: Connections, base: URL, signal: AbortSignal | undefined): Promise<number> {
  const answer = await exchange(connections, { method: 'GET', url: new URL('/v2/', base), headers: {}, tlsVerify: false, signal })
  await answer.discard()
  return answer.status
}

function baseUrl(scheme: string, host: string): URL {
  const url = URL.parse(`${scheme}://${host}/`)
  if (url !== null && url.pathname === '/' && url.username === '') return url
  throw new DistributionError(
    'ERR_REGISTRY_UNREACHABLE',
    `cannot reach the registry "${host}": it is not a host name with or without a port`,
  )
}
