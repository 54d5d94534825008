import { isPodwrightError } from '@podwright/conventions'
import { parseReference } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'

/** What credentials are kept for: a registry, or a part of one. */
export interface LoginTarget {
  /** Host with port; `docker.io` for Docker Hub. */
  readonly registry: string
  /** `team` or `team/app`. */
  readonly namespace?: string | undefined
  /** `registry` or `registry/namespace`, as auth files have it. */
  readonly key: string
}

/** Docker and its credential helpers keep Docker Hub under this name. */
export const dockerHubKey = 'https://index.docker.io/v1/'

/** Docker writes URLs (`https://index.docker.io/v1/`), podman names (`docker.io`, `quay.io/namespace`). */
export function normalizeKey(key: string): string {
  const name = withoutTrailingSlashes(key.replace(/^https?:\/\//, '').replace(/\/v[12]\/?$/, ''))
  return /^(?:index|registry-1)\.docker\.io$/.test(name) ? 'docker.io' : name
}

/** Takes a name to log in at apart: `quay.io`, `quay.io/team`, `https://index.docker.io/v1/`. @throws DistributionError `ERR_REGISTRY_NAME_INVALID` */
export function parseLoginTarget(text: string): LoginTarget {
  const key = normalizeKey(text)
  const slash = key.indexOf('/')
  const registry = slash === -1 ? key : key.slice(0, slash)
  const namespace = slash === -1 ? undefined : key.slice(slash + 1)
  if (!/^(?:[\w.-]+|\[[\da-fA-F:]+\])(?::\d+)?$/.test(registry))
    throw invalidName(text, `"${registry}" is not a host name with or without a port`)
  if (namespace !== undefined) checkNamespace(text, namespace)
  return { registry, namespace, key }
}

/** `registry/a/b`, `registry/a`, `registry`: the keys that hold for a repository, the closest first. */
export function keysOf(registry: string, repository: string | undefined): string[] {
  const parts = repository?.split('/') ?? []
  return [...parts.map((_, index) => [registry, ...parts.slice(0, parts.length - index)].join('/')), registry]
}

/** What a credential helper knows a registry by: docker's word for Docker Hub first, then podman's. */
export function helperKeysOf(registry: string): string[] {
  return registry === 'docker.io' ? [dockerHubKey, registry] : [registry]
}

function checkNamespace(text: string, namespace: string): void {
  try {
    const { tag, digest } = parseReference(`registry.example/${namespace}`)
    if (tag === undefined && digest === undefined) return
  } catch (error) {
    if (!isPodwrightError(error)) throw error
    throw invalidName(text, `"${namespace}" is no namespace or repository`, error)
  }
  throw invalidName(text, 'a tag or digest has no credentials of its own')
}

/** Not by a pattern, which would take quadratic time on a key of slashes. */
function withoutTrailingSlashes(text: string): string {
  let end = text.length
  while (text[end - 1] === '/') end--
  return text.slice(0, end)
}

function invalidName(text: string, reason: string, cause?: unknown): DistributionError {
  return new DistributionError('ERR_REGISTRY_NAME_INVALID', `cannot log in or out at "${text}": ${reason}`, {
    cause,
    hint: 'Name a registry, such as quay.io or localhost:5000, or a namespace of one, such as quay.io/team.',
  })
}
