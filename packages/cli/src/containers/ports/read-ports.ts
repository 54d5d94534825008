import type { ContainerPortOptions, PortMapping, PortProtocol, PortRange } from '@podwright/contracts'
import { CliError } from '../../errors.ts'

/** The flags that say which ports lead to a container. */
export interface PortFlags {
  readonly publish: readonly string[]
  readonly 'publish-all'?: boolean | undefined
  readonly expose: readonly string[]
}

/**
 * What these flags ask for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`
 */
export function readPorts(flags: PortFlags): ContainerPortOptions {
  const ports = flags.publish.map(readMapping).filter(isNew)
  return {
    ...(ports.length > 0 && { ports }),
    ...(flags['publish-all'] === true && { publishAllPorts: true }),
    ...(flags.expose.length > 0 && { exposedPorts: flags.expose.map(readExposed) }),
  }
}

/** One that is given twice is one. */
function isNew(mapping: PortMapping, at: number, all: readonly PortMapping[]): boolean {
  const text = JSON.stringify(mapping)
  return all.findIndex((other) => JSON.stringify(other) === text) === at
}

/** What docker and podman take for a free port of the host. */
const free: ReadonlySet<string> = new Set(['', '0'])

const mappingForm = /^(?:(?:\[(?<six>[^\]]*)\]|(?<four>[^:[\]/]*)):)?(?:(?<host>[^:/]*):)?(?<container>[^:/]+)(?:\/(?<protocol>.+))?$/

function readMapping(text: string): PortMapping {
  const parts = mappingForm.exec(text)?.groups
  if (parts === undefined) throw mappingError(text, 'it has too many colons')
  // Of two parts, the first is the port.
  const [address, host] =
    parts['host'] === undefined && parts['six'] === undefined ? [undefined, parts['four']] : [parts['six'] ?? parts['four'], parts['host']]
  const container = readRange(parts['container'] ?? '')
  if (container === undefined) throw mappingError(text, `"${parts['container']}" is no port`)
  const isFree = host === undefined || free.has(host)
  const outside = isFree ? undefined : readRange(host)
  if (!isFree && outside === undefined) throw mappingError(text, `"${host}" is no port`)
  if (outside !== undefined && outside.count !== container.count) {
    throw mappingError(text, `${outside.count} of the host's can not lead to ${container.count} of the container's`)
  }
  return {
    ...(address !== undefined && address !== '' && { hostAddress: address }),
    ...(outside !== undefined && { hostPort: outside.first }),
    containerPort: container.first,
    ...(container.count > 1 && { count: container.count }),
    protocol: readProtocol(parts['protocol'], (reason) => mappingError(text, reason)),
  }
}

function readExposed(text: string): PortRange {
  const [ports = '', protocol] = text.split('/')
  const range = readRange(ports)
  const error = (reason: string): CliError =>
    new CliError('ERR_CLI_FLAG_VALUE', `cannot read --expose ${text}: ${reason}`, {
      hint: 'It is a port or a range of them: 80, 53/udp, 8000-8010',
    })
  if (range === undefined) throw error(`"${ports}" is no port`)
  return { containerPort: range.first, ...(range.count > 1 && { count: range.count }), protocol: readProtocol(protocol, error) }
}

function readRange(text: string): { readonly first: number; readonly count: number } | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  if (match === null) return undefined
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
  return first >= 1 && last <= 65_535 && first <= last ? { first, count: last - first + 1 } : undefined
}

function readProtocol(text: string | undefined, error: (reason: string) => CliError): PortProtocol {
  const protocol = (text ?? 'tcp').toLowerCase()
  if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') return protocol
  throw error(`"${text}" is no protocol: it is tcp, udp or sctp`)
}

function mappingError(text: string, reason: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `cannot read --publish ${text}: ${reason}`, {
    hint: 'It is [[ADDRESS:][HOST-PORT]:]PORT[/PROTOCOL]: 8080:80, 127.0.0.1:8080:80, 8000-8010:8000-8010, 53:53/udp, [::1]:8080:80',
  })
}
