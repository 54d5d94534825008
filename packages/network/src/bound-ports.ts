import type { PublishedPort } from '@podwright/contracts'
import { readFileSync } from 'node:fs'
import { plainAddress } from './address.ts'

/** A socket of the host that has a port. */
export interface BoundPort {
  readonly protocol: 'tcp' | 'udp'
  /** As text, without brackets; `::` and `0.0.0.0`: all of its kind. */
  readonly address: string
  readonly port: number
  /** It takes what comes, instead of being one end of a connection. */
  readonly listens: boolean
}

/** State of a TCP socket that listens (include/net/tcp_states.h). */
const listenState = '0A'

/** The sockets that have a port in the network namespace of this process (proc_pid_net(5)). What can't be read is left out. */
export function boundPorts(readTable: (name: string) => string = readNetworkTable): BoundPort[] {
  return (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((name) => {
    const protocol = name.startsWith('tcp') ? 'tcp' : 'udp'
    return readTable(name)
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, local = '', remote = '', state] = line.trim().split(/\s+/)
        const listens = protocol === 'tcp' ? state === listenState : /^0+:0000$/.test(remote)
        const [address = '', port = ''] = local.split(':')
        return port === '' ? [] : [{ protocol, address: addressOf(address), port: Number.parseInt(port, 16), listens }]
      })
  })
}

/** The first port of the host in a mapping that something listens on already; undefined when there is none. */
export function takenPort({ protocol, hostAddress, hostPort, count = 1 }: PublishedPort, bound: readonly BoundPort[]): number | undefined {
  const wanted = hostAddress === undefined ? undefined : plainAddress(hostAddress)
  const taken = bound
    .filter((other) => other.listens && other.protocol === protocol && other.port >= hostPort && other.port < hostPort + count)
    .filter(({ address }) => wanted === undefined || address === wanted || overlaps(wanted, address))
  return taken.length === 0 ? undefined : Math.min(...taken.map(({ port }) => port))
}

/** Whether one of two addresses stands for all of a kind that the other one is of. `::` takes IPv4, too, unless its socket forbids it, which nothing tells. */
function overlaps(a: string, b: string): boolean {
  const isFour = (address: string): boolean => !address.includes(':')
  const covers = (one: string, other: string): boolean => one === '::' || (one === '0.0.0.0' && isFour(other))
  return covers(a, b) || covers(b, a)
}

/** The kernel prints each word of 32 bits as the processor reads it: little-endian on all that we run on. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed())
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
  return plainAddress((bytes.join('').match(/.{4}/g) ?? []).join(':'))
}

function readNetworkTable(name: string): string {
  try {
    return readFileSync(`/proc/net/${name}`, 'latin1')
  } catch {
    return ''
  }
}
