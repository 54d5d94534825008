import type { PublishedPort, Uplink, UplinkChoice, UplinkState, UplinkTarget } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError, messageOf } from '@podwright/conventions'
import { closeInheritedOnExec, findTool, installHint, probeDevice } from '@podwright/linux'
import { NetworkError } from './errors.ts'
import { type DefaultRoutes, hostDefaultRoutes } from './host-routes.ts'
import { hostNameServers, type HostNameServersOptions } from './name-servers.ts'
import { namespaceAddresses } from './namespace-addresses.ts'
import { forwardedBy, mappingOf, startPasta } from './pasta.ts'
import { leavesServicesWaiting } from './pasta-age.ts'
import { slirpNameServer, startSlirp4netns } from './slirp4netns.ts'
import { disconnectUplink, expectUplink } from './uplink-record.ts'

/** What an uplink needs from others. */
export interface UplinkComponents {
  /** Finds a tool's absolute path. @default `findTool` of @podwright/linux */
  readonly findTool?: ((name: string) => string | undefined) | undefined
  /** @default the kernel's */
  readonly defaultRoutes?: (() => DefaultRoutes) | undefined
}

/** Options of an uplink. */
export interface UplinkOptions extends HostNameServersOptions {
  /**
   * Which program.
   *
   * @default pasta when it is installed, the host has a default route, and it serves `ports` well (`leavesServicesWaiting`), else slirp4netns
   */
  readonly program?: UplinkProgramName | undefined
  /** The same, with what it is told; it goes before `program`, `hostLoopback` and `ports`. @default none */
  readonly choice?: UplinkChoice | undefined
  /** Ports that will be published by way of it. @default none */
  readonly ports?: readonly PublishedPort[] | undefined
  /**
   * Whether services on the host's loopback can be reached from inside: at the gateway's address with pasta, at 10.0.2.2 with slirp4netns.
   *
   * @default false
   */
  readonly hostLoopback?: boolean | undefined
}

/** A program that can be an uplink. */
export type UplinkProgramName = 'pasta' | 'slirp4netns'

/** Where it is. */
export interface UplinkProgram {
  readonly name: UplinkProgramName
  /** Absolute. */
  readonly path: string
}

/** Inside, this address leads to the host's resolver, when that listens on loopback and its own servers are not known. Link-local: no host has it. */
const pastaNameServer = '169.254.1.1'

/** The program that `createUplink` takes on this host; undefined when none is installed. */
export function findUplinkProgram(components: UplinkComponents = {}, options: UplinkOptions = {}): UplinkProgram | undefined {
  const { findTool: find = findTool, defaultRoutes = hostDefaultRoutes } = components
  const programOf = (name: UplinkProgramName): UplinkProgram | undefined => {
    const path = find(name)
    return path === undefined ? undefined : { name, path }
  }
  const asked = options.choice?.program ?? options.program
  if (asked !== undefined) return programOf(asked)
  const pasta = programOf('pasta')
  const { ipv4, ipv6 } = defaultRoutes()
  // It copies the host's route, and refuses to start where there is none, as on a laptop without a network.
  const isGood = pasta !== undefined && (ipv4 || ipv6) && !leavesServicesWaiting(pasta.path, options.ports ?? [])
  return isGood ? pasta : (programOf('slirp4netns') ?? pasta)
}

/** The way out of network namespaces, and in. The program is looked for at the first use. */
export function createUplink(components: UplinkComponents = {}, options: UplinkOptions = {}): Uplink {
  let found: UplinkProgram | undefined
  const program = (): UplinkProgram | undefined => (found ??= findUplinkProgram(components, options))
  const routes = components.defaultRoutes ?? hostDefaultRoutes
  const forwarder = (): string | undefined => {
    const { choice } = options
    if (choice?.program === 'pasta' && forwardedBy(choice) !== undefined) return forwardedBy(choice)
    if (hostNameServers(options).length > 0) return undefined
    if (program()?.name !== 'slirp4netns') return pastaNameServer
    return slirpNameServer(choice?.program === 'slirp4netns' ? choice.cidr : undefined)
  }
  const nameServers = (): readonly string[] => {
    const forwarded = forwarder()
    return forwarded === undefined ? hostNameServers(options) : [forwarded]
  }

  async function connect(target: UplinkTarget, { signal }: AbortOptions = {}): Promise<UplinkState> {
    signal?.throwIfAborted()
    const { name, path } = program() ?? missing(options.choice?.program ?? options.program)
    const { ports = [], prefix = [] } = target
    if (name === 'slirp4netns' && prefix.length > 0) throw needsPasta()
    if (ports.length > 0) (await import('./check-ports.ts')).checkPorts(ports, name)
    disconnectUplink(target.directory)
    closeInheritedOnExec()
    expectUplink(target.directory)
    const { hostLoopback = false, choice } = options
    const pasta = choice?.program === 'pasta' ? choice : undefined
    const slirp = choice?.program === 'slirp4netns' ? choice : undefined
    try {
      const pid = await (name === 'pasta'
        ? startPasta(target, { path, hostLoopback, dnsForward: forwarder(), own: pasta?.arguments, signal })
        : startSlirp4netns(target, {
            path,
            signal,
            ...slirp,
            hostLoopback: slirp?.hostLoopback ?? hostLoopback,
            ipv6: slirp?.ipv6 ?? routes().ipv6,
          }))
      return { pid, addresses: namespaceAddresses(target.pid), nameServers: nameServers() }
    } catch (error) {
      disconnectUplink(target.directory)
      signal?.throwIfAborted()
      if (error instanceof NetworkError) throw error
      throw await explain(error, name, target, routes())
    }
  }

  return {
    get name() {
      return program()?.name ?? 'none'
    },
    nameServers,
    connect,
  }
}

function needsPasta(): NetworkError {
  return new NetworkError(
    'ERR_UPLINK_NOT_FOUND',
    'cannot connect a container with a user namespace of its own to the network: only pasta can',
    {
      hint: `${installHint('pasta')} Or run without a network: --network none.`,
    },
  )
}

function missing(asked: UplinkProgramName | undefined): never {
  const what = asked === undefined ? 'neither pasta nor slirp4netns is installed' : `${asked} was asked for, and is not installed`
  throw new NetworkError('ERR_UPLINK_NOT_FOUND', `cannot connect the container to the network: ${what}`, {
    hint: `${installHint(asked ?? 'pasta')} Or run without a network: --network none.`,
  })
}

/** The reason, where the host's state tells it, else the program's own words. */
async function explain(
  cause: unknown,
  name: UplinkProgramName,
  { pid, ports = [] }: UplinkTarget,
  routes: DefaultRoutes,
): Promise<NetworkError> {
  // Somebody was quicker than our look before.
  const unbound = /failed to bind .*'(?:-[tu]|--(?:tcp|udp)-ports)[ =]([^']*)'/i.exec(words(cause))
  const port = ports.find((candidate) => unbound !== null && mappingOf(candidate) === unbound[1])
  if (port !== undefined) return (await import('./check-ports.ts')).portInUse(port, cause)
  const subject = `cannot connect the network namespace of process ${pid} with ${name}`
  const tun = probeDevice('/dev/net/tun')
  if (!tun.usable) {
    return new NetworkError(
      'ERR_UPLINK_DEVICE',
      `${subject}: ${tun.path} ${tun.present ? 'may not be opened by this user' : 'is missing'}`,
      {
        cause,
        hint: tun.present ? `sudo chmod 0666 ${tun.path}` : 'sudo modprobe tun',
      },
    )
  }
  if (name === 'pasta' && !routes.ipv4 && !routes.ipv6) {
    return new NetworkError('ERR_UPLINK_NO_ROUTE', `${subject}: the host has no default route`, {
      cause,
      hint: `Connect the host, install slirp4netns, which needs none, or run with --network none.`,
    })
  }
  return new NetworkError('ERR_UPLINK_FAILED', `${subject}: ${words(cause)}`, { cause, details: { program: name, pid } })
}

/** What the program said, without its complaints about a machine that has no syslog. */
function words(cause: unknown): string {
  const stderr = isPodwrightError(cause) ? cause.details['stderr'] : undefined
  const text = typeof stderr === 'string' && stderr !== '' ? stderr : messageOf(cause)
  return text
    .split('\n')
    .filter((line) => !/^Failed to send \d+ bytes to syslog$/.test(line))
    .join('\n')
}
