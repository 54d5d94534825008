import { existsSync, readFileSync } from 'node:fs'

/** What can be limited on this host. The question is asked of the kernel's files, at the root of each hierarchy. */
export interface Controllers {
  readonly version: 1 | 2
  has(feature: ControllerFeature): boolean
}

/** What a controller offers that some kernels are built without. */
export type ControllerFeature =
  | 'memory'
  | 'swap'
  | 'reservation'
  | 'swappiness'
  | 'oomControl'
  | 'shares'
  | 'period'
  | 'quota'
  | 'cpuset'
  | 'pids'
  | 'blockWeight'
  | 'blockDeviceWeight'
  | 'throttle'
  | 'realtime'

/** Controller and its file in v1. */
const features: Readonly<Record<ControllerFeature, readonly [string, string]>> = {
  memory: ['memory', 'memory.limit_in_bytes'],
  swap: ['memory', 'memory.memsw.limit_in_bytes'],
  reservation: ['memory', 'memory.soft_limit_in_bytes'],
  swappiness: ['memory', 'memory.swappiness'],
  oomControl: ['memory', 'memory.oom_control'],
  shares: ['cpu', 'cpu.shares'],
  period: ['cpu', 'cpu.cfs_period_us'],
  quota: ['cpu', 'cpu.cfs_quota_us'],
  cpuset: ['cpuset', 'cpuset.cpus'],
  pids: ['pids', ''],
  blockWeight: ['blkio', 'blkio.weight'],
  blockDeviceWeight: ['blkio', 'blkio.weight_device'],
  throttle: ['blkio', 'blkio.throttle.read_bps_device'],
  realtime: ['cpu', 'cpu.rt_runtime_us'],
}

/** What v2 has nothing like. */
const onlyInV1: readonly ControllerFeature[] = ['swappiness', 'oomControl', 'realtime']

/** As v2 calls it. */
export function controllerOf(feature: ControllerFeature): string {
  return features[feature][0].replace('blkio', 'io')
}

const top = '/sys/fs/cgroup'

/** Reads them. @param group whose are what can be had, where not all of the host's can @default the root of the hierarchy of v2 */
export function readControllers(group: string = top): Controllers {
  const unified = readText(`${group}/cgroup.controllers`)
  if (unified !== undefined) {
    const there = new Set(unified.trim().split(' '))
    return { version: 2, has: (feature) => !onlyInV1.includes(feature) && there.has(controllerOf(feature)) }
  }
  return { version: 1, has: (feature) => existsSync(`${top}/${features[feature][0]}/${features[feature][1]}`) }
}

/** `0-3,7` of what there is, in numbers; for `cpus` and `mems` of the cpuset controller. */
export function availableSet(kind: 'cpus' | 'mems', { version }: Controllers): string {
  const path = version === 1 ? `${top}/cpuset/cpuset.${kind}` : `${top}/cpuset.${kind}.effective`
  return (readText(path) ?? '').trim()
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
