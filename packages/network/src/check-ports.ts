import type { PublishedPort } from '@podwright/contracts'
import { readFileSync } from 'node:fs'
import { NetworkError } from './errors.ts'
import { boundPorts, takenPort } from './bound-ports.ts'

/**
 * Fails when one of the ports can't be published now, so that nothing has been set up by then: what forwards a range goes on without those that it
 * could not have.
 *
 * @throws NetworkError `ERR_PORT_PROTOCOL`, `ERR_PORT_NOT_ALLOWED`, `ERR_PORT_IN_USE` with `details` {hostPort, hostAddress, protocol}
 */
export function checkPorts(ports: readonly PublishedPort[], program: string): void {
  const bound = boundPorts()
  for (const port of ports) {
    const { protocol, hostPort, hostAddress } = port
    if (protocol === 'sctp') {
      throw new NetworkError(
        'ERR_PORT_PROTOCOL',
        `cannot publish the port ${port.containerPort}/sctp: ${program} forwards tcp and udp only`,
      )
    }
    if (program === 'slirp4netns' && hostAddress?.includes(':') === true) {
      throw new NetworkError(
        'ERR_PORT_PROTOCOL',
        `cannot publish on [${hostAddress}]:${hostPort}: slirp4netns listens on IPv4 addresses only`,
        { hint: 'Install pasta, which does both, or give an IPv4 address.' },
      )
    }
    if (hostPort < firstFreePort()) throw notAllowed(port)
    const taken = takenPort(port, bound)
    if (taken !== undefined) throw portInUse({ ...port, hostPort: taken })
  }
}

/** The error for a port that something listens on. */
export function portInUse({ hostAddress, hostPort, protocol }: PublishedPort, cause?: unknown): NetworkError {
  const place = `${hostAddress === undefined ? '' : `${bracketed(hostAddress)}:`}${hostPort}/${protocol}`
  return new NetworkError('ERR_PORT_IN_USE', `cannot publish on the port ${place}: something on this host listens on it already`, {
    cause,
    hint: `'ss -${protocol === 'udp' ? 'u' : 't'}lnp sport = :${hostPort}' shows what. Publish on another port, or on a free one: --publish CONTAINER-PORT`,
    details: { hostPort, hostAddress, protocol },
  })
}

function notAllowed({ hostPort, protocol }: PublishedPort): NetworkError {
  return new NetworkError(
    'ERR_PORT_NOT_ALLOWED',
    `cannot publish on the port ${hostPort}/${protocol}: only root may listen below ${firstFreePort()}`,
    {
      hint: `Publish on a port from ${firstFreePort()} on, or let every user listen: sudo sysctl net.ipv4.ip_unprivileged_port_start=${hostPort}`,
      details: { hostPort, protocol },
    },
  )
}

/** The first port that this user may listen on (ip_unprivileged_port_start). */
function firstFreePort(): number {
  if (process.geteuid?.() === 0) return 0
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'latin1'))
  } catch {
    return 1024
  }
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
