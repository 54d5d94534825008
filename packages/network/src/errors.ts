import { PodwrightError } from '@podwright/conventions'

/** Every code that this package throws, with its meaning. */
export const networkErrorCodes = {
  ERR_UPLINK_NOT_FOUND: 'Neither pasta nor slirp4netns is installed.',
  ERR_UPLINK_DEVICE: '/dev/net/tun is missing, or this user may not open it.',
  ERR_UPLINK_NO_ROUTE: 'The host has no default route, and pasta needs one to copy.',
  ERR_UPLINK_FAILED: 'The uplink ended before it had set up the namespace; the message tells its own words.',
} as const

/** A code of this package. */
export type NetworkErrorCode = keyof typeof networkErrorCodes

/** What this package throws on purpose. */
export class NetworkError extends PodwrightError<NetworkErrorCode> {}
