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
  ERR_PROXY_INVALID: 'the proxy that the environment names can not be used',
  ERR_REGISTRY_STALLED: 'no byte came within the stall time-out',
  ERR_REGISTRY_INTERRUPTED: 'the connection broke before the answer was whole',
  ERR_REGISTRY_UNSUPPORTED: 'the registry does not do this, such as deleting; the hint says what to change there',
  ERR_REGISTRY_NAME_INVALID: 'what should name a registry, or a namespace of one, does not',
  ERR_REGISTRY_BLOCKED: 'registries.conf blocks this registry',
  ERR_REGISTRY_SEARCH: 'the registry offers neither a search nor a list of its repositories',
  ERR_REGISTRIES_CONFIG_INVALID: 'a registries.conf can not be read',
  ERR_CREDENTIALS_INVALID: 'an auth file can not be read, or credentials to log in with are no such',
  ERR_CREDENTIALS_NOT_WRITTEN: 'an auth file can not be written',
  ERR_CREDENTIAL_HELPER: 'a credential helper is missing or failed',
  ERR_SHORT_NAME_AMBIGUOUS: 'a short name may be at several registries, and registries.conf enforces that one is chosen',
  ERR_IMAGE_NOT_RESOLVED: 'a short name was found at none of the registries that it may be at',
  ERR_MANIFEST_DIGEST_MISMATCH: "a manifest's bytes are not those of the digest asked for or announced",
  ERR_BLOB_DIGEST_MISMATCH: "a blob's bytes are not those of its digest",
  ERR_BLOB_SIZE_MISMATCH: 'a blob is not as long as its descriptor says',
  ERR_BLOB_TRUNCATED: 'a blob ended early, still after the retries',
  ERR_PLATFORM_NOT_FOUND: 'the image is not there for the platform asked for; the message lists those that are',
  ERR_ARTIFACT_INVALID: 'files can not be an artifact, or an artifact can not be files: two have one name, a name leads elsewhere',
  ERR_LAYOUT_INVALID: 'a directory is no OCI image layout, or a file of it is damaged',
  ERR_LAYOUT_NOT_FOUND: 'an OCI image layout has no such image or blob',
  ERR_LAYOUT_AMBIGUOUS: 'an OCI image layout holds several images, and none was named',
  ERR_IMAGE_NAME_INVALID: "text is no name of an image in its transport's words",
  ERR_TRANSPORT_UNKNOWN: 'text names no transport, or one that is not there',
  ERR_TRANSPORT_UNSUPPORTED: 'a transport can not do what was asked, or is not supported at all, such as docker-daemon:',
  ERR_IMAGE_ARCHIVE_INVALID: 'a file is no archive of images, or is damaged, or hostile',
  ERR_IMAGE_ARCHIVE_NOT_FOUND: 'an archive is not there, or holds no such image or blob',
  ERR_IMAGE_ARCHIVE_AMBIGUOUS: 'an archive holds several images, and none was named',
  ERR_IMAGE_DIRECTORY_INVALID: 'a directory is not one of dir:, or a file of it is damaged',
  ERR_IMAGE_DIRECTORY_NOT_FOUND: 'a directory of dir: is not there, or has no such manifest or blob',
  ERR_DIGESTS_NOT_PRESERVED: 'the digests were to be preserved, and what was asked for changes them',
  ERR_CONVERSION_UNSUPPORTED: 'an image can not be made into what was asked for or what its destination can hold',
  ERR_DIFF_ID_MISMATCH: "a layer unpacks to other bytes than its image's config says",
  ERR_DISK_FULL: 'there is no space left, or no quota, where something is written',
  ERR_WRITE_FAILED: 'the file system refused to write, for another reason than space',
  ERR_SYNC_INCOMPLETE: 'some images of a sync could not be copied; the message counts them',
} as const

/** Codes of `DistributionError`. */
export type DistributionErrorCode = keyof typeof distributionErrorCodes

/** What this package throws. */
export class DistributionError extends PodwrightError<DistributionErrorCode> {}
