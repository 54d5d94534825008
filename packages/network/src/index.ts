/**
 * Container networking: the uplink of a network namespace, and the ports of the host that lead into it.
 *
 * @packageDocumentation
 */
export { isAddress } from './address.ts'
export { type BoundPort, boundPorts } from './bound-ports.ts'
export { choosePorts, type ChoosePortsOptions } from './choose-ports.ts'
export { NetworkError, type NetworkErrorCode, networkErrorCodes } from './errors.ts'
export { type DefaultRoutes, hostDefaultRoutes } from './host-routes.ts'
export { hostNameServers, type HostNameServersOptions, isLocalAddress, parseNameServers } from './name-servers.ts'
export { namespaceAddresses } from './namespace-addresses.ts'
export { leavesServicesWaiting } from './pasta-age.ts'
export {
  createUplink,
  findUplinkProgram,
  type UplinkComponents,
  type UplinkOptions,
  type UplinkProgram,
  type UplinkProgramName,
} from './uplink.ts'
export { disconnectUplink } from './uplink-record.ts'
