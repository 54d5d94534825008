import { PodwrightError } from '@podwright/conventions'

/** Every code that this package throws, with its meaning. */
export const networkErrorCodes = {
  ERR_UPLINK_NOT_FOUND: 'Neither pasta nor slirp4netns is installed, or not the one that was asked for.',
  ERR_UPLINK_DEVICE: '/dev/net/tun is missing, or this user may not open it.',
  ERR_UPLINK_NO_ROUTE: 'The host has no default route, and pasta needs one to copy.',
  ERR_UPLINK_FAILED: 'The uplink ended before it had set up the namespace; the message tells its own words.',
  ERR_PORT_IN_USE: 'Another process listens on a port of the host that was to be published.',
  ERR_PORT_NOT_ALLOWED: 'Only root may listen on a port of the host that was to be published.',
  ERR_PORT_PROTOCOL: 'The uplink cannot publish ports of this protocol, or on IPv6 addresses.',
} as const

/** A code of this package. */
export type NetworkErrorCode = keyof typeof networkErrorCodes

/** What this package throws on purpose. */
export class NetworkError extends PodwrightError<NetworkErrorCode> {}
