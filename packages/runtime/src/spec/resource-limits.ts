import type { ResourceLimit } from '@podwright/contracts'
import { RuntimeError } from '../errors.ts'
import type { HostFacts } from './spec-input.ts'

/** The names of setrlimit(2), without prefix, in lower case. */
const names = 'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ')

/** As with Podman 5: what a server wants, not what a log-in session happens to have. */
const defaults: readonly ResourceLimit[] = [
  { name: 'nofile', soft: 1_048_576, hard: 1_048_576 },
  { name: 'nproc', soft: 4_194_304, hard: 4_194_304 },
]

/** A limit in the runtime-spec's spelling. */
export interface SpecLimit {
  readonly type: string
  readonly soft: number
  readonly hard: number
}

/** The limits of a container: those asked for over the defaults, none above what the host lets us set. */
export function resourceLimits(
  asked: readonly ResourceLimit[],
  host: HostFacts,
): { readonly limits: readonly SpecLimit[]; readonly warnings: readonly string[] } {
  const chosen = new Map(defaults.map((limit) => [limit.name, limit]))
  for (const limit of asked) {
    const name = validName(limit)
    chosen.set(name, { ...limit, name })
  }
  const warnings: string[] = []
  const limits = [...chosen.values()].map((limit) => {
    const clamped = clamp(limit, host)
    if (!defaults.includes(limit) && (clamped.soft !== limit.soft || clamped.hard !== limit.hard)) {
      warnings.push(`the limit ${limit.name} is ${clamped.hard} here, not ${limit.hard}: that is as far as the host lets it be raised`)
    }
    return { type: `RLIMIT_${limit.name.toUpperCase()}`, soft: clamped.soft, hard: clamped.hard }
  })
  return { limits, warnings }
}

function validName({ name, soft, hard }: ResourceLimit): string {
  const plain = name.toLowerCase().replace(/^rlimit_/, '')
  if (!names.includes(plain)) {
    throw new RuntimeError('ERR_RESOURCE_LIMIT', `${JSON.stringify(name)} is not a resource limit`, {
      hint: `The names are ${names.join(', ')}.`,
      details: { limit: name },
    })
  }
  if (soft > hard) {
    throw new RuntimeError('ERR_RESOURCE_LIMIT', `the soft limit of ${plain}, ${soft}, is above the hard one, ${hard}`, {
      details: { limit: plain, soft, hard },
    })
  }
  return plain
}

function clamp(limit: ResourceLimit, host: HostFacts): { soft: number; hard: number } {
  const most = host.mayRaiseLimits ? Number.POSITIVE_INFINITY : (host.limits.get(limit.name)?.hard ?? Number.POSITIVE_INFINITY)
  const hard = Math.min(limit.hard, most)
  return { soft: Math.min(limit.soft, hard), hard }
}
