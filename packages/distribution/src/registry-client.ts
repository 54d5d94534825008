import type { BlobStream, ManifestRecord, OpenBlob, OpenBlobOptions, PutBlobOptions } from '@podwright/contracts'
import { type AbortOptions, type Clock, isPodwrightError } from '@podwright/conventions'
import type { Descriptor, Digest } from '@podwright/oci'
import type { CredentialSource } from './credentials.ts'
import type { Fetch } from './fetch.ts'
import { createSession } from './internal/registry/create-session.ts'
import { headManifest } from './internal/registry/head-manifest.ts'

/** A repository at a registry. A `Reference` is one. */
export interface Repository {
  /** Host with port; `docker.io` is Docker Hub. */
  readonly registry: string
  readonly repository: string
  /** Full name without tag that whoever asks knows it by, where registries.conf leads elsewhere: messages have both. @default its own */
  readonly knownAs?: string | undefined
  /**
   * Whether to insist on HTTPS with a trusted certificate. False: HTTPS with any certificate, else plain HTTP.
   *
   * @default the client's `tlsVerify`
   */
  readonly tlsVerify?: boolean | undefined
}

/** What a client is made of. */
export interface RegistryClientComponents {
  /** @default nobody in particular, anywhere */
  readonly credentials?: CredentialSource | undefined
  /** @default node-fetch */
  readonly fetch?: Fetch | undefined
  /** For back-off and the expiry of tokens. @default the machine's */
  readonly clock?: Clock | undefined
  /** From 0 to 1, for the jitter of back-off. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** Options of `createRegistryClient`. */
export interface RegistryClientOptions {
  /** @default true */
  readonly tlsVerify?: boolean | undefined
  /** Until a connection stands, TLS included. @default 30_000 */
  readonly connectTimeoutMs?: number | undefined
  /** Longest silence of a server, before and within its answer. @default 60_000 */
  readonly stallTimeoutMs?: number | undefined
  /** How often a request is tried again after 429, 5xx and broken connections. @default 4 */
  readonly retries?: number | undefined
  /** First pause; doubled each time, with jitter, up to 30 seconds. @default 500 */
  readonly backoffMs?: number | undefined
  /** Longest wait that a server's Retry-After is granted; more than that is an error at once. @default 120_000 */
  readonly retryAfterMaximumMs?: number | undefined
  /** Requests under way to one host, of those that read and of those that write, each. @default 6 */
  readonly connectionsPerHost?: number | undefined
  /**
   * Most bytes of a blob to send in one request, for a proxy that limits them; also found out by its 413. A registry's OCI-Chunk-Min-Length is heeded.
   *
   * @default no limit
   */
  readonly uploadPartBytes?: number | undefined
  /** @default 'podwright' */
  readonly userAgent?: string | undefined
  /** Directories with a directory for each registry, of `*.crt` (authorities), `*.cert` and `*.key` (who we are); `certificateDirectories()` has the usual ones. @default none */
  readonly certificateDirectories?: readonly string[] | undefined
  /** A directory of such files for every registry, in place of these. @default none */
  readonly certificateDirectory?: string | undefined
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up, in either case. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
}

/** What `check` found. */
export interface RegistryCheck {
  /** Whether the registry wanted to know who it is, and took the answer. False: it lets anybody in. */
  readonly challenged: boolean
}

/** Options of `putBlob`. */
export interface UploadBlobOptions extends PutBlobOptions {
  /** Repositories of the same registry that may have the blob already, to take it from instead of sending it. */
  readonly mountFrom?: readonly string[] | undefined
}

/** Options of `deleteManifest`. */
export interface DeleteManifestOptions extends AbortOptions {
  /**
   * What the manifest refers to: its digest is taken out of the index that lists what does, where the registry doesn't do that itself. Asks for a
   * reference that is a digest.
   *
   * @default nothing
   */
  readonly subject?: Digest | undefined
}

/** Options of `referrers`. */
export interface ReferrersOptions extends AbortOptions {
  /** Only those of this type. */
  readonly artifactType?: string | undefined
}

/** A repository that a search found. */
export interface FoundRepository {
  /** Without the registry. */
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: boolean
  readonly automated: boolean
}

/** Options of `search`. */
export interface SearchRepositoriesOptions extends AbortOptions {
  /** Most results. @default 25 */
  readonly limit?: number | undefined
}

/**
 * Speaks the distribution-spec v1.1 with any number of registries. Every method throws `DistributionError`: the codes that begin with `ERR_REGISTRY_`,
 * and those named beside it. Disposal closes idle connections.
 */
export interface RegistryClient extends AsyncDisposable {
  /**
   * Speaks to the registry with the credentials there are ("end-1", `GET /v2/`).
   *
   * @throws `ERR_REGISTRY_UNAUTHORIZED` when it refuses them
   */
  check(registry: Omit<Repository, 'repository'>, options?: AbortOptions): Promise<RegistryCheck>
  /**
   * A manifest or index, verified.
   *
   * @param reference a tag or a digest
   * @throws `ERR_MANIFEST_DIGEST_MISMATCH`, and `OciError` when it can't be read
   */
  getManifest(repository: Repository, reference: string, options?: AbortOptions): Promise<ManifestRecord>
  /** Its descriptor as the registry says; undefined when it isn't there, or the registry says too little. */
  headManifest(repository: Repository, reference: string, options?: AbortOptions): Promise<Descriptor | undefined>
  /**
   * Where it has a subject and the registry keeps no track of referrers, the index that stands for it is written, too.
   *
   * @param reference the tag or digest to put it under
   */
  putManifest(repository: Repository, reference: string, manifest: ManifestRecord, options?: AbortOptions): Promise<void>
  /**
   * @param reference a digest: all tags of it go, too; a tag: that alone, where the registry can delete tags
   * @throws `ERR_REGISTRY_UNSUPPORTED` where it can't, or deleting is turned off
   */
  deleteManifest(repository: Repository, reference: string, options?: DeleteManifestOptions): Promise<void>
  /** Takes a blob out of a repository. Whether images there still need it is for the caller to know. */
  deleteBlob(repository: Repository, digest: Digest, options?: AbortOptions): Promise<void>
  hasBlob(repository: Repository, digest: Digest, options?: AbortOptions): Promise<boolean>
  /**
   * A blob's bytes from an offset, not verified save their number. An error in the middle is retryable by opening again at the offset reached.
   *
   * @throws `ERR_BLOB_SIZE_MISMATCH`; `ERR_BLOB_TRUNCATED` while reading
   */
  openBlob(repository: Repository, descriptor: Descriptor, options?: OpenBlobOptions): Promise<BlobStream>
  /**
   * Sends a blob, unless the registry can take it from `mountFrom`. What breaks off is taken up where the registry says that it got to.
   *
   * @throws `ERR_BLOB_DIGEST_MISMATCH`, `ERR_BLOB_SIZE_MISMATCH`
   */
  putBlob(repository: Repository, descriptor: Descriptor, open: OpenBlob, options?: UploadBlobOptions): Promise<void>
  /** All tags, as the registry orders them: lexically, by the specification. */
  listTags(repository: Repository, options?: AbortOptions): AsyncIterable<string>
  /** Names of all repositories, where the registry tells (`_catalog`). */
  listRepositories(registry: Omit<Repository, 'repository'>, options?: AbortOptions): AsyncIterable<string>
  /**
   * Repositories whose name or description has a word: by docker's v1 API, else in the list of all.
   *
   * @throws `ERR_REGISTRY_SEARCH` when the registry offers neither
   */
  search(registry: Omit<Repository, 'repository'>, word: string, options?: SearchRepositoriesOptions): Promise<readonly FoundRepository[]>
  /** What refers to a manifest; with the tag fallback for registries before 1.1. */
  referrers(repository: Repository, digest: Digest, options?: ReferrersOptions): AsyncIterable<Descriptor>
}

/** Makes a client. Nothing is connected, read or loaded before the first request; what is seldom asked, no earlier. */
export function createRegistryClient(components: RegistryClientComponents = {}, options: RegistryClientOptions = {}): RegistryClient {
  const session = createSession(components, options)
  return {
    check: async (registry, request = {}) => (await import('./internal/registry/check.ts')).checkRegistry(session, registry, request),
    getManifest: async (repository, reference, request = {}) =>
      (await import('./internal/registry/manifests.ts')).getManifest(session, repository, reference, request),
    headManifest: (repository, reference, request = {}) => headManifest(session, repository, reference, request),
    putManifest: async (repository, reference, manifest, request = {}) =>
      (await import('./internal/registry/referrers-tag.ts')).putManifestWithSubject(session, repository, reference, manifest, request),
    deleteManifest: async (repository, reference, request = {}) =>
      (await import('./internal/registry/delete.ts')).deleteManifest(session, repository, reference, request),
    deleteBlob: async (repository, digest, request = {}) =>
      (await import('./internal/registry/delete.ts')).deleteBlob(session, repository, digest, request),
    hasBlob: async (repository, digest, request = {}) =>
      (await import('./internal/registry/blobs.ts')).hasBlob(session, repository, digest, request),
    openBlob: async (repository, descriptor, request = {}) => {
      try {
        return await (await import('./internal/registry/blobs.ts')).openBlob(session, repository, descriptor, request)
      } catch (error) {
        if (!isPodwrightError(error, 'ERR_REGISTRY_NOT_FOUND') || descriptor.urls === undefined) throw error
        const foreign = await (await import('./internal/foreign-blob.ts')).openForeignBlob(session, descriptor, request)
        if (foreign === undefined) throw error
        return foreign
      }
    },
    putBlob: async (repository, descriptor, open, request = {}) =>
      (await import('./internal/registry/uploads.ts')).putBlob(session, repository, descriptor, open, request),
    async *listTags(repository, request = {}) {
      yield* (await import('./internal/registry/lists.ts')).listTags(session, repository, request)
    },
    async *listRepositories(registry, request = {}) {
      yield* (await import('./internal/registry/lists.ts')).listRepositories(session, registry, request)
    },
    search: async (registry, word, { limit = 25, signal } = {}) =>
      (await import('./internal/registry/search.ts')).searchRepositories(session, registry, word, { limit, signal }),
    async *referrers(repository, digest, request = {}) {
      yield* (await import('./internal/registry/lists.ts')).referrers(session, repository, digest, request)
    },
    [Symbol.asyncDispose]: () => session.connections.agents.close(),
  }
}
