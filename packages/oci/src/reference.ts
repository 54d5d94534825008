import { type Digest, isDigest, parseDigest } from './digest.ts'
import { OciError } from './errors.ts'
import { checkRegistry, checkRepository, checkTag, splitReference } from './internal/reference-grammar.ts'

/** The registry that names without one lead to, and the only one whose names have a short form. */
const dockerHub = 'docker.io'

/** Where an image is: fully qualified (distribution-spec v1.1, and the grammar of docker's `distribution/reference`). */
export interface Reference {
  /** Host, with port where one is given: `docker.io`, `127.0.0.1:5000`, `[::1]:5000`. */
  readonly registry: string
  /** `library/debian`. */
  readonly repository: string
  readonly tag?: string | undefined
  readonly digest?: Digest | undefined
}

/** A name as somebody typed it, taken apart and checked, nothing added. */
export interface NamedReference {
  /** Whether it has no registry. */
  readonly short: boolean
  readonly registry?: string | undefined
  readonly repository: string
  readonly tag?: string | undefined
  readonly digest?: Digest | undefined
}

/** Options of `normalizeReference`. */
export interface NormalizeReferenceOptions {
  /** Where a short name leads. @default 'docker.io' */
  readonly defaultRegistry?: string | undefined
}

/**
 * Takes a typed name apart. What stands before the first slash is a registry when it has a dot or a colon, has an upper-case letter, or is `localhost`,
 * as docker and podman read it.
 *
 * @throws OciError `ERR_REFERENCE_INVALID`, `ERR_DIGEST_INVALID`, `ERR_DIGEST_ALGORITHM_UNKNOWN`
 */
export function parseNamed(text: string): NamedReference {
  const parts = splitReference(text)
  if (parts.registry !== undefined) checkRegistry(parts.registry, text)
  checkRepository(parts.repository, text)
  if (parts.tag !== undefined) checkTag(parts.tag, text)
  return {
    short: parts.registry === undefined,
    ...(parts.registry !== undefined && { registry: parts.registry }),
    repository: parts.repository,
    ...(parts.tag !== undefined && { tag: parts.tag }),
    ...(parts.digest !== undefined && { digest: parseDigest(parts.digest) }),
  }
}

/**
 * Reads a full name: with its registry. No tag is added; `docker.io/debian` becomes `docker.io/library/debian`, since no other repository can be meant.
 *
 * @throws OciError `ERR_REFERENCE_SHORT` without a registry, and as `parseNamed`
 */
export function parseReference(text: string): Reference {
  const named = parseNamed(text)
  if (named.registry === undefined) {
    throw new OciError('ERR_REFERENCE_SHORT', `cannot read "${text}" as a full image reference: it names no registry`, {
      hint: `Write the registry in front: ${dockerHub}/${withLibrary(dockerHub, named.repository)}`,
    })
  }
  return qualify(named, named.registry)
}

/**
 * Reads a typed name as docker does: without a registry it is at the default one, a single word there is in `library/`, and without tag and digest
 * the tag is `latest`.
 *
 * @throws OciError as `parseNamed`
 */
export function normalizeReference(text: string, options: NormalizeReferenceOptions = {}): Reference {
  const named = parseNamed(text)
  const reference = qualify(named, named.registry ?? options.defaultRegistry ?? dockerHub)
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference
}

/** `registry/repository:tag@digest`, with what of tag and digest there is. `parseReference` reads it back. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffixOf(reference)}`
}

/** As docker shows it: `debian:12` for `docker.io/library/debian:12`, names elsewhere in full. `normalizeReference` reads it back. */
export function familiarName(reference: Reference): string {
  const { registry, repository } = reference
  if (registry !== dockerHub) return formatReference(reference)
  const rest = repository.startsWith('library/') ? repository.slice('library/'.length) : repository
  // `library/a/b` is not in short form what it is in full.
  const short = (rest.includes('/') ? repository : rest) + suffixOf(reference)
  // What would be taken for a registry has no short form: `docker.io/a.b/c`.
  return splitReference(short).registry === undefined ? short : formatReference(reference)
}

function suffixOf({ tag, digest }: Reference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
}

function qualify(named: NamedReference, typedRegistry: string): Reference {
  const registry = typedRegistry === `index.${dockerHub}` ? dockerHub : typedRegistry
  return {
    registry,
    repository: withLibrary(registry, named.repository),
    ...(named.tag !== undefined && { tag: named.tag }),
    ...(isDigest(named.digest) && { digest: named.digest }),
  }
}

function withLibrary(registry: string, repository: string): string {
  return registry === dockerHub && !repository.includes('/') ? `library/${repository}` : repository
}
