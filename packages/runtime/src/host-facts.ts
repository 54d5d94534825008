import type { IdMap } from '@podwright/contracts'
import { type CgroupMode, probeCgroups, readLimits } from '@podwright/linux'
import { existsSync, readFileSync } from 'node:fs'
import { hostname, release } from 'node:os'
import { capabilityNames } from './spec/capabilities.ts'
import type { HostFacts } from './spec/spec-input.ts'

/** Options of `readHostFacts`. */
export interface HostFactsOptions {
  /** Whether the runtime works inside a user namespace of the engine's. */
  readonly rootless: boolean
  /** Of that namespace. */
  readonly idMap?: IdMap | undefined
  /** @default as probed */
  readonly cgroupMode?: CgroupMode | undefined
}

/** CAP_SYS_RESOURCE's number. */
const sysResource = 24n

/** Reads what a spec depends on: a few small files under /proc, well under a millisecond. */
export function readHostFacts(options: HostFactsOptions): HostFacts {
  const status = read('/proc/self/status')
  const lastCapability = Number(read('/proc/sys/kernel/cap_last_cap') || capabilityNames.length - 1)
  const known = capabilityNames.slice(0, lastCapability + 1)
  const bounding = mask(status, 'CapBnd')
  return {
    rootless: options.rootless,
    idMap: options.idMap,
    cgroupMode: options.cgroupMode ?? probeCgroups().mode,
    architecture: process.arch,
    kernel: release(),
    // A new user namespace starts with all of them in its bounding set.
    capabilities: options.rootless ? known : known.filter((_, number) => (bounding >> BigInt(number)) & 1n),
    limits: readLimits(),
    mayRaiseLimits: !options.rootless && ((mask(status, 'CapEff') >> sysResource) & 1n) === 1n,
    oomScoreAdj: Number(read('/proc/self/oom_score_adj')),
    hostname: hostname(),
    hasMessageQueues: existsSync('/dev/mqueue'),
  }
}

function mask(status: string, field: string): bigint {
  const match = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)
  return BigInt(`0x${match?.[1] ?? '0'}`)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
