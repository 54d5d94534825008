import type { Reference } from '@podwright/oci'
import { DistributionError } from './errors.ts'
import { emptyRegistriesConfig, type RegistriesConfig, type RegistryMirror, type RegistryRule } from './registries-config.ts'
import type { Repository } from './registry-client.ts'

/** Where to ask for an image. */
export interface Endpoint extends Repository {
  readonly mirror: boolean
}

/** What is to be done there. */
export interface EndpointsOptions {
  /** Mirrors are read from only. */
  readonly purpose: 'pull' | 'push'
  /** Overrules the configuration's `insecure`. */
  readonly tlsVerify?: boolean | undefined
}

/**
 * Where an image is asked for, in order: the mirrors of the rule that fits best, then its location.
 *
 * @throws DistributionError `ERR_REGISTRY_BLOCKED`
 */
export function endpointsOf(reference: Reference, config: RegistriesConfig = emptyRegistriesConfig, options: EndpointsOptions): Endpoint[] {
  const name = `${reference.registry}/${reference.repository}`
  const rule = ruleFor(name, config.registries)
  if (rule === undefined) return [endpoint(name, false, { ...options, mirror: false })]
  if (rule.blocked) {
    throw new DistributionError('ERR_REGISTRY_BLOCKED', `cannot use ${name}: registries.conf blocks ${rule.prefix}`, {
      details: { registry: reference.registry, repository: reference.repository, prefix: rule.prefix },
    })
  }
  const mirrors = options.purpose === 'pull' ? rule.mirrors.filter((mirror) => serves(mirror, rule, reference)) : []
  return [
    ...mirrors.map((mirror) => rewritten(name, rule, mirror, { ...options, mirror: true })),
    rewritten(name, rule, rule, { ...options, mirror: false }),
  ]
}

/** The rule of the longest prefix (containers-registries.conf(5), "Choosing a [[registry]] TOML table"). */
export function ruleFor(name: string, rules: readonly RegistryRule[]): RegistryRule | undefined {
  const fitting = rules.filter(({ prefix }) => hasPrefix(name, prefix))
  return fitting.toSorted((one, other) => other.prefix.length - one.prefix.length)[0]
}

function hasPrefix(name: string, prefix: string): boolean {
  return prefixLength(name, prefix) !== undefined
}

/** How much of a name a prefix stands for: whole parts only. */
function prefixLength(name: string, prefix: string): number | undefined {
  if (prefix.startsWith('*.')) return wildcardLength(name, prefix.slice(1))
  return name === prefix || name.startsWith(`${prefix}/`) ? prefix.length : undefined
}

/** `.example.com` or `.example.com/a`, of whatever is below it, on whatever port. */
function wildcardLength(name: string, suffix: string): number | undefined {
  const [host = '', ...path] = suffix.split('/')
  const [, registry = '', port = ''] = /^([^/]*?)(:\d+)?\//.exec(name) ?? []
  if (registry === host.slice(1) || !registry.endsWith(host)) return undefined
  const length = [registry + port, ...path].join('/').length
  const rest = name.slice(0, length) === [registry + port, ...path].join('/') ? name[length] : 'x'
  return rest === undefined || rest === '/' ? length : undefined
}

/** Puts a location where the prefix was; with a `*.` prefix and no location of its own the name stays. */
function rewrite(name: string, prefix: string, location: string): string {
  return location === prefix ? name : location + name.slice(prefixLength(name, prefix))
}

function serves(mirror: RegistryMirror, rule: RegistryRule, { digest }: Reference): boolean {
  const pullFrom = rule.mirrorByDigestOnly ? 'digest-only' : mirror.pullFrom
  if (pullFrom === 'all') return true
  return (pullFrom === 'digest-only') === (digest !== undefined)
}

/** Options of one endpoint. */
interface EndpointOptions extends Pick<EndpointsOptions, 'tlsVerify'> {
  readonly mirror: boolean
}

function rewritten(
  name: string,
  { prefix }: RegistryRule,
  { location, insecure }: Pick<RegistryMirror, 'location' | 'insecure'>,
  options: EndpointOptions,
): Endpoint {
  const there = rewrite(name, prefix, location)
  return { ...endpoint(there, insecure, options), ...(there !== name && { knownAs: name }) }
}

function endpoint(name: string, insecure: boolean, { tlsVerify, mirror }: EndpointOptions): Endpoint {
  const slash = name.indexOf('/')
  const verify = tlsVerify ?? (insecure ? false : undefined)
  return { registry: name.slice(0, slash), repository: name.slice(slash + 1), mirror, ...(verify !== undefined && { tlsVerify: verify }) }
}
