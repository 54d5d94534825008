import type { Agent, AgentOptions } from 'node:http'
import type { AgentOptions as TlsAgentOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { readCertificateDirectory, readCertificates } from './certificates.ts'
import { proxyFor } from './proxy-environment.ts'

/** Pools of kept connections: one for each host, since authorities and client certificates are by host. */
export interface Agents {
  agentFor(url: URL, tlsVerify: boolean): Promise<Agent>
  /** From now on takes the system's authorities besides Node's. @returns false when that was so already */
  trustSystemAuthorities(url: URL): boolean
  /** Closes the connections that are idle. */
  close(): Promise<void>
}

/** What the connections are to be like. */
export interface AgentsOptions {
  readonly connectTimeoutMs: number
  readonly certificateDirectories: readonly string[]
  readonly certificateDirectory: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** A free connection is closed before usual servers do it (nginx: 75 s, Node: 5 s are told by a keep-alive header, which the agent heeds). */
const idleTimeoutMs = 50_000

export function createAgents(options: AgentsOptions): Agents {
  const agents = new Map<string, Promise<Agent>>()
  const systemTrusted = new Set<string>()
  return {
    agentFor: (url, tlsVerify) => {
      const key = `${url.protocol}//${url.host} ${tlsVerify} ${systemTrusted.has(url.host)}`
      const agent = agents.get(key) ?? createAgent(url, tlsVerify, systemTrusted.has(url.host), options)
      agents.set(key, agent)
      return agent
    },
    trustSystemAuthorities: (url) => {
      if (systemTrusted.has(url.host)) return false
      systemTrusted.add(url.host)
      return true
    },
    close: async () => {
      for (const agent of await Promise.allSettled(agents.values())) {
        if (agent.status === 'fulfilled') agent.value.destroy()
      }
      agents.clear()
    },
  }
}

async function createAgent(url: URL, tlsVerify: boolean, systemTrusted: boolean, options: AgentsOptions): Promise<Agent> {
  const proxy = proxyFor(url, options.environment)
  const common: AgentOptions = { keepAlive: true, timeout: idleTimeoutMs }
  const secure = url.protocol === 'https:'
  const tls = secure ? await tlsOptions(url, tlsVerify, systemTrusted, options) : {}
  if (proxy !== undefined) {
    const { createProxyAgent } = await import('./proxy-agent.ts')
    return createProxyAgent(proxy, secure, { ...common, ...tls }, options.connectTimeoutMs)
  }
  const { Agent } = secure ? await import('node:https') : await import('node:http')
  return withConnectTimeout(new Agent({ ...common, ...tls }), secure ? 'secureConnect' : 'connect', options.connectTimeoutMs)
}

async function tlsOptions(url: URL, tlsVerify: boolean, systemTrusted: boolean, options: AgentsOptions): Promise<TlsAgentOptions> {
  const { authorities, ...identity } = await (options.certificateDirectory === undefined
    ? readCertificates(options.certificateDirectories, url.host)
    : readCertificateDirectory(options.certificateDirectory))
  // Whoever takes any certificate needs no authorities, which take 20 ms to read.
  if (!tlsVerify) return { ...identity, rejectUnauthorized: false, ca: [] }
  if (authorities.length === 0 && !systemTrusted) return identity
  const { getCACertificates } = await import('node:tls')
  const known = [...getCACertificates('default'), ...(systemTrusted ? getCACertificates('system') : [])]
  return { ...identity, ca: [...known, ...authorities] }
}

function withConnectTimeout(agent: Agent, connected: 'connect' | 'secureConnect', timeoutMs: number): Agent {
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (connection, callback) => {
    const socket = connect(connection, callback)
    if (socket !== null && socket !== undefined) limitConnecting(socket, connected, timeoutMs)
    return socket
  }
  return agent
}

/** Gives a connection up that isn't made in time, as the system would: with ETIMEDOUT. */
export function limitConnecting(socket: Duplex, connected: 'connect' | 'secureConnect', timeoutMs: number): void {
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'ETIMEDOUT' }))
  }, timeoutMs)
  const stop = (): void => clearTimeout(timer)
  socket.once(connected, stop)
  socket.once('close', stop)
}
