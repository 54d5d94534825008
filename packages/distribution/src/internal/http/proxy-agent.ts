import { Agent, type AgentOptions, type ClientRequest, request as httpRequest } from 'node:http'
import { Agent as TlsAgent, type AgentOptions as TlsAgentOptions, request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { type ConnectionOptions as ConnectionOptionsOfTls, connect as tlsConnect } from 'node:tls'
import { limitConnecting } from './agents.ts'

type ConnectCallback = (error: Error | null, socket: Socket) => void

/** What the agent's own code needs and the types don't tell. */
type ConnectionOptions = ConnectionOptionsOfTls & { readonly path?: string | undefined }

/** An agent whose connections go through a proxy: a tunnel (CONNECT) to HTTPS, and requests with full URLs for plain HTTP. */
export function createProxyAgent(proxy: URL, secure: boolean, options: AgentOptions & TlsAgentOptions, timeoutMs: number): Agent {
  return secure ? tunnellingAgent(proxy, options, timeoutMs) : forwardingAgent(proxy, options, timeoutMs)
}

function tunnellingAgent(proxy: URL, options: TlsAgentOptions, timeoutMs: number): Agent {
  const agent = new TlsAgent(options)
  const open = async (connection: ConnectionOptions, callback: ConnectCallback): Promise<void> => {
    try {
      const host = connection.host ?? ''
      const socket = await openTunnel(proxy, `${isIP(host) === 6 ? `[${host}]` : host}:${connection.port ?? 443}`, timeoutMs)
      const { path: _path, ...rest } = connection
      const secured = tlsConnect({ ...rest, socket, ...(isIP(host) === 0 && { servername: connection.servername ?? host }) })
      limitConnecting(secured, 'secureConnect', timeoutMs)
      callback(null, secured)
    } catch (error) {
      callback(error as Error, undefined as never)
    }
  }
  agent.createConnection = ((connection: ConnectionOptions, callback: ConnectCallback) => void open(connection, callback)) as never
  return agent
}

function openTunnel(proxy: URL, target: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      host: hostOf(proxy),
      // Else Node takes it from the header, which names whom to be connected to.
      ...(isIP(hostOf(proxy)) === 0 && { servername: hostOf(proxy) }),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: timeoutMs,
    })
    const refuse = (reason: string, code: string): void => {
      request.destroy()
      reject(Object.assign(new Error(`the proxy ${proxy.host} ${reason}`), { code }))
    }
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket)
      socket.destroy()
      refuse(`answered ${response.statusCode} to the request for ${target}`, 'EHOSTUNREACH')
    })
    request.once('timeout', () => refuse('did not answer in time', 'ETIMEDOUT'))
    request.once('response', (response) => refuse(`answered ${response.statusCode}`, 'EHOSTUNREACH'))
    request.once('error', reject)
    request.end()
  })
}

function forwardingAgent(proxy: URL, options: AgentOptions, timeoutMs: number): Agent {
  const agent = new Agent(options) as Agent & { addRequest(request: ClientRequest, options: object): void }
  const secure = proxy.protocol === 'https:'
  const addRequest = agent.addRequest.bind(agent)
  const connectPlain = agent.createConnection.bind(agent)
  agent.addRequest = (request, connection) => {
    request.path = `http://${String(request.getHeader('host'))}${request.path}`
    for (const [name, value] of Object.entries(proxyAuthorization(proxy))) request.setHeader(name, value)
    addRequest(request, { ...connection, host: hostOf(proxy), port: proxy.port || (secure ? 443 : 80) })
  }
  agent.createConnection = ((connection: ConnectionOptions, callback: ConnectCallback) => {
    const socket = secure ? connectOverTls(connection) : (connectPlain(connection, callback as never) as Socket)
    limitConnecting(socket, secure ? 'secureConnect' : 'connect', timeoutMs)
    return socket
  }) as never
  return agent
}

/** To the proxy itself, which is verified whatever is fetched through it. */
function connectOverTls({ path: _path, ...connection }: ConnectionOptions): Socket {
  const host = connection.host ?? ''
  return tlsConnect({ ...connection, ...(isIP(host) === 0 && { servername: host }) })
}

/** As a connection is made to: an IPv6 address without its brackets. */
function hostOf(proxy: URL): string {
  return proxy.hostname.replace(/^\[|\]$/g, '')
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const user = `${decoded(proxy.username)}:${decoded(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` }
}

/** Passwords with a bare percent sign exist. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
