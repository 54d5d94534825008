import type { ContainerOptions, NetworkMode } from '@podwright/contracts'
import type { NamespaceMode } from '@podwright/runtime'
import { existsSync } from 'node:fs'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { type ContainerFiles, containerFiles } from './files.ts'
import { lookUpContainer } from './lookup.ts'
import { observe } from './observe.ts'

/** A network that is another container's, or that somebody has made. */
export type JoinedNetwork = Exclude<NetworkMode, 'none' | 'host' | 'private'>

/** Whether a network is somebody else's. */
export function isJoined(network: NetworkMode): network is JoinedNetwork {
  return network.startsWith('container:') || network.startsWith('ns:')
}

/**
 * The network as it is recorded: another container by its id, so that it may be renamed.
 *
 * @throws EngineError `ERR_CONTAINER_OPTION_INVALID`, `ERR_CONTAINER_NOT_FOUND`
 */
export async function checkJoinedNetwork(parts: EngineParts, network: JoinedNetwork, options: ContainerOptions): Promise<JoinedNetwork> {
  const path = pathOf(network)
  if (path !== undefined) {
    if (existsSync(path)) return network
    throw invalid(`cannot join the network namespace ${path}: it is not there`, `'ip netns add NAME' makes one: ns:/run/netns/NAME`)
  }
  const { nameServers, searchDomains, resolverOptions, extraHosts, noHosts } = options
  const names = nameServers ?? searchDomains ?? resolverOptions ?? extraHosts ?? noHosts
  if (names !== undefined) {
    throw invalid('hosts and name servers cannot be set in the network of another container', 'They are that container’s: set them there.')
  }
  return `container:${lookUpContainer(await parts.store(), containerOf(network)).id}`
}

/** The namespace to start in. @throws EngineError `ERR_CONTAINER_NOT_FOUND`, `ERR_CONTAINER_NOT_RUNNING` */
export async function joinedNamespace(parts: EngineParts, network: JoinedNetwork): Promise<NamespaceMode> {
  const path = pathOf(network)
  if (path !== undefined) return { path }
  const other = lookUpContainer(await parts.store(), containerOf(network))
  const { pid, status } = observe(other, parts.evidence)
  if (pid !== 0) return { path: `/proc/${pid}/ns/net` }
  throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot join the network of ${other.name}: it is ${status}`, {
    hint: `Start it first: podwright start ${other.name}`,
    details: { id: other.id, status },
  })
}

/** In another container's network, its names are known, and its resolver. */
export function namesOfNetwork(
  parts: EngineParts,
  network: NetworkMode,
  own: ContainerFiles,
): Pick<ContainerFiles, 'hosts' | 'resolvConf'> {
  const { hosts, resolvConf } = network.startsWith('container:') ? containerFiles(parts.paths, containerOf(network)) : own
  return { hosts, resolvConf }
}

function containerOf(network: NetworkMode): string {
  return network.slice('container:'.length)
}

function pathOf(network: JoinedNetwork): string | undefined {
  return network.startsWith('ns:') ? network.slice('ns:'.length) : undefined
}

function invalid(message: string, hint: string): EngineError {
  return new EngineError('ERR_CONTAINER_OPTION_INVALID', message, { hint })
}
