import { PodwrightError } from '@podwright/conventions'

/** Every code that this package throws, and what it means. Documents that can't be read throw the codes of `@podwright/oci`. */
export const distributionErrorCodes = {
  ERR_REGISTRY_UNAUTHORIZED: 'the registry or its token server wants credentials, or refuses those it got (401)',
  ERR_REGISTRY_DENIED: 'the registry knows who asks, and says no (403)',
  ERR_REGISTRY_NOT_FOUND: 'the registry has no such manifest, blob or repository (404)',
  ERR_REGISTRY_RATE_LIMITED: 'too many requests (429), still after the retries',
  ERR_REGISTRY_SERVER: 'the registry failed (5xx), still after the retries',
  ERR_REGISTRY_REJECTED: 'the registry refused the request with another 4xx',
  ERR_REGISTRY_PROTOCOL: 'the answer is not what a registry answers: a page of HTML, a redirect loop, no upload location',
  ERR_REGISTRY_UNREACHABLE: 'no connection: the name is unknown, the port is closed, there is no route',
  ERR_REGISTRY_TLS: 'no trusted TLS connection: an unknown authority, a wrong name, or a server that speaks plain HTTP',
  ERR_REGISTRY_CONNECT_TIMEOUT: 'no connection within the connect time-out',
  ERR_REGISTRY_STALLED: 'no byte came within the stall time-out',
  ERR_REGISTRY_INTERRUPTED: 'the connection broke before the answer was whole',
  ERR_REGISTRY_BLOCKED: 'registries.conf blocks this registry',
  ERR_REGISTRIES_CONFIG_INVALID: 'a registries.conf can not be read',
  ERR_CREDENTIALS_INVALID: 'an auth file can not be read',
  ERR_CREDENTIAL_HELPER: 'a credential helper is missing or failed',
  ERR_IMAGE_NOT_RESOLVED: 'a short name was found at none of the registries that it may be at',
  ERR_MANIFEST_DIGEST_MISMATCH: "a manifest's bytes are not those of the digest asked for or announced",
  ERR_BLOB_DIGEST_MISMATCH: "a blob's bytes are not those of its digest",
  ERR_BLOB_SIZE_MISMATCH: 'a blob is not as long as its descriptor says',
  ERR_BLOB_TRUNCATED: 'a blob ended early, still after the retries',
  ERR_PLATFORM_NOT_FOUND: 'the image is not there for the platform asked for; the message lists those that are',
  ERR_LAYOUT_INVALID: 'a directory is no OCI image layout, or a file of it is damaged',
  ERR_LAYOUT_NOT_FOUND: 'an OCI image layout has no such image or blob',
  ERR_LAYOUT_AMBIGUOUS: 'an OCI image layout holds several images, and none was named',
} as const

/** Codes of `DistributionError`. */
export type DistributionErrorCode = keyof typeof distributionErrorCodes

/** What this package throws. */
export class DistributionError extends PodwrightError<DistributionErrorCode> {}
