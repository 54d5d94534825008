import type { PortMapping, PublishedPort } from '@podwright/contracts'
import { readFileSync } from 'node:fs'
import { type BoundPort, boundPorts } from './bound-ports.ts'
import { NetworkError } from './errors.ts'

/** What the choice depends on besides the mappings. */
export interface ChoosePortsOptions {
  /** Those that others have been promised, though they don't listen now. @default none */
  readonly promised?: readonly PublishedPort[] | undefined
  /** @default what has a port on this host */
  readonly bound?: readonly BoundPort[] | undefined
  /** From 0 to below 1. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** Where the kernel takes ports from that nobody has asked for. */
interface Range {
  readonly first: number
  readonly last: number
}

/**
 * The same mappings; each without a port of the host gets as many as it needs, one after the other, that nothing has now and nobody was promised, from
 * the range that the kernel chooses from.
 *
 * @throws NetworkError `ERR_PORT_IN_USE` when there are not so many
 */
export function choosePorts(mappings: readonly PortMapping[], options: ChoosePortsOptions = {}): PublishedPort[] {
  const { promised = [], bound = boundPorts(), random = Math.random } = options
  const given = mappings.filter((mapping): mapping is PublishedPort => mapping.hostPort !== undefined)
  const taken = new Set([...bound.map(({ port }) => port), ...[...promised, ...given].flatMap(portsOf)])
  const range = localRange()
  return mappings.map((mapping) => {
    if (mapping.hostPort !== undefined) return { ...mapping, hostPort: mapping.hostPort }
    const hostPort = chooseFrom(range, mapping.count ?? 1, taken, random)
    const chosen = { ...mapping, hostPort, chosen: true }
    for (const port of portsOf(chosen)) taken.add(port)
    return chosen
  })
}

function chooseFrom({ first, last }: Range, count: number, taken: ReadonlySet<number>, random: () => number): number {
  const places = last - first + 2 - count
  const start = Math.floor(random() * places)
  for (let step = 0; step < places; step++) {
    const port = first + ((start + step) % places)
    if (Array.from({ length: count }, (_, index) => port + index).every((candidate) => !taken.has(candidate))) return port
  }
  throw new NetworkError(
    'ERR_PORT_IN_USE',
    `cannot choose ${count === 1 ? 'a port' : `${count} ports`} of this host to publish on: no others are free`,
    {
      hint: 'Say which: --publish HOST-PORT:CONTAINER-PORT',
      details: { count },
    },
  )
}

function portsOf({ hostPort, count = 1 }: PublishedPort): number[] {
  return Array.from({ length: count }, (_, index) => hostPort + index)
}

function localRange(): Range {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/).map(Number)
    if (first !== undefined && last !== undefined && first <= last) return { first, last }
  } catch {
    // As Linux has it where nobody changes it.
  }
  return { first: 32_768, last: 60_999 }
}
