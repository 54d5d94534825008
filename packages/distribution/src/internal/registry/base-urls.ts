import { DistributionError } from '../../errors.ts'
import { isWithoutTls } from '../http/connection-error.ts'
import { type Connections, exchange } from '../http/exchange.ts'

/** Where registries are spoken to. */
export interface BaseUrls {
  /**
   * @param tlsVerify false: HTTPS with whatever certificate if there is a server that speaks it, else HTTP
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

async function probeScheme(connections: Connections, host: string, signal: AbortSignal | undefined): Promise<URL> {
  const secure = baseUrl('https', host)
  try {
    const answer = await exchange(connections, { method: 'GET', url: new URL('/v2/', secure), headers: {}, tlsVerify: false, signal })
    await answer.discard()
    return secure
  } catch (error) {
    if (isWithoutTls(error)) return baseUrl('http', host)
    throw error
  }
}

function baseUrl(scheme: string, host: string): URL {
  const url = URL.parse(`${scheme}://${host}/`)
  if (url !== null && url.pathname === '/' && url.username === '') return url
  throw new DistributionError(
    'ERR_REGISTRY_UNREACHABLE',
    `cannot reach the registry "${host}": it is not a host name with or without a port`,
  )
}
