import type { ContainerResources, DeviceThrottle } from '@podwright/contracts'
import type { UserManager } from '@podwright/linux'
import type { ResourcesInput } from '@podwright/runtime'
import { statSync } from 'node:fs'
import { availableSet, type ControllerFeature, controllerOf, type Controllers, readControllers } from './controllers.ts'
import { invalid } from './invalid.ts'
import { checkRanges, numbersOf } from './resource-ranges.ts'

/** Where limits are to hold. */
export interface ResourcesContext {
  readonly rootless: boolean
  readonly cgroups: 'enabled' | 'disabled'
  /** Who gives a plain user's containers their control groups. */
  readonly userManager?: Pick<UserManager, 'group'> | undefined
  /** @default as read */
  readonly controllers?: Controllers | undefined
}

/** What podman says when the kernel can not limit something, and goes on without. */
const discarded: readonly (readonly [keyof ContainerResources, ControllerFeature, string])[] = [
  [
    'memoryBytes',
    'memory',
    'your kernel does not support memory limits, or their control group is not mounted: the memory limit is discarded',
  ],
  [
    'memorySwapBytes',
    'swap',
    'your kernel does not support swap limits, or their control group is not mounted: memory is limited without swap',
  ],
  [
    'memorySwappiness',
    'swappiness',
    'your kernel does not support memory swappiness, or its control group is not mounted: it is discarded',
  ],
  [
    'memoryReservationBytes',
    'reservation',
    'your kernel does not support soft memory limits, or their control group is not mounted: the reservation is discarded',
  ],
  ['oomKillDisable', 'oomControl', 'your kernel does not support switching the OOM killer off: that is discarded'],
  ['pidsLimit', 'pids', 'your kernel does not support limits of processes, or their control group is not mounted: the limit is discarded'],
  ['cpuShares', 'shares', 'your kernel does not support CPU shares, or their control group is not mounted: the shares are discarded'],
  ['cpuPeriodMicros', 'period', 'your kernel does not support CPU periods, or their control group is not mounted: the period is discarded'],
  ['cpuQuotaMicros', 'quota', 'your kernel does not support CPU quotas, or their control group is not mounted: the quota is discarded'],
  ['cpus', 'quota', 'your kernel does not support CPU quotas, or their control group is not mounted: the number of CPUs is discarded'],
  ['cpusetCpus', 'cpuset', 'your kernel does not support CPU sets, or their control group is not mounted: the set of CPUs is discarded'],
  [
    'cpusetMems',
    'cpuset',
    'your kernel does not support CPU sets, or their control group is not mounted: the set of memory nodes is discarded',
  ],
  [
    'blockWeight',
    'blockWeight',
    'your kernel does not support block I/O weights, or their control group is not mounted: the weight is discarded',
  ],
  [
    'blockDeviceWeights',
    'blockDeviceWeight',
    'your kernel does not support block I/O weights of devices, or their control group is not mounted: they are discarded',
  ],
  [
    'deviceThrottles',
    'throttle',
    'your kernel does not support limits of block I/O, or their control group is not mounted: the limits of devices are discarded',
  ],
]

/**
 * The limits that can hold here. Where podman ignores a limit and says so, it is a warning; what else can't hold is refused.
 *
 * @throws `ERR_CONTAINER_OPTION_INVALID`
 */
export function checkResources(
  asked: ContainerResources | undefined,
  { rootless, cgroups, userManager, controllers = readControllers(userManager?.group) }: ResourcesContext,
): { readonly resources: ContainerResources | undefined; readonly warnings: readonly string[] } {
  if (asked === undefined) return { resources: undefined, warnings: [] }
  checkRanges(asked)
  if (asked.unified !== undefined && controllers.version === 1) throw invalid('cannot use --cgroup-conf without cgroup v2')
  if (cgroups === 'disabled') {
    if (rootless && controllers.version === 1) {
      return { resources: undefined, warnings: ['resource limits are not supported and ignored on cgroups v1 by a plain user'] }
    }
    const names = Object.keys(asked).map((name) => flagOf[name as keyof ContainerResources])
    throw invalid(`cannot honour ${names.join(', ')}: the container gets no control groups here`, rootless ? needsManager : undefined)
  }
  if (userManager !== undefined) refuseUndelegated(asked, controllers)
  if (!controllers.has('realtime') && (asked.cpuRealtimePeriodMicros ?? asked.cpuRealtimeRuntimeMicros) !== undefined) {
    throw invalid('your kernel does not support real-time scheduling in control groups, or their control group is not mounted')
  }
  for (const path of [...Object.keys(asked.blockDeviceWeights ?? {}), ...(asked.deviceThrottles ?? []).map(({ device }) => device)])
    blockDevice(path)
  if (controllers.version === 2 && asked.memorySwappiness !== undefined) throw invalid('cgroups v2 have no memory swappiness')
  if (controllers.version === 2 && asked.oomKillDisable === true) throw invalid('cgroups v2 cannot switch the OOM killer off')
  const warnings = discarded.filter(([name, feature]) => asked[name] !== undefined && !controllers.has(feature))
  const gone = new Set<string>(warnings.map(([name]) => name))
  const resources: ContainerResources = Object.fromEntries(Object.entries(asked).filter(([name]) => !gone.has(name)))
  checkSet('cpus', resources.cpusetCpus, controllers)
  checkSet('mems', resources.cpusetMems, controllers)
  return { resources: withSwap(resources, controllers), warnings: warnings.map(([, , text]) => text) }
}

/** What to do where a plain user's containers get no control groups. */
export const needsManager =
  "A plain user's containers have them where control groups are of v2 and the user's systemd runs, as it does in the session of a login."

/** The kernel could limit it, but the administrator has not handed that on to users. */
function refuseUndelegated(asked: ContainerResources, controllers: Controllers): void {
  const found = discarded.find(
    ([name, feature]) => asked[name] !== undefined && !controllers.has(feature) && readControllers().has(feature),
  )
  if (found === undefined) return
  const controller = controllerOf(found[1])
  throw invalid(
    `cannot honour ${flagOf[found[0]]}: the controller ${controller} is not delegated to this user`,
    `An administrator can hand it on by Delegate= of user@.service: systemctl edit user@.service, [Service], Delegate=cpu cpuset io memory pids.`,
  )
}

/** Without a word about it, swap is as much as memory, as with docker and podman. */
function withSwap(resources: ContainerResources, controllers: Controllers): ContainerResources {
  const { memoryBytes, memorySwapBytes } = resources
  if (memoryBytes === undefined || memorySwapBytes !== undefined || !controllers.has('swap')) return resources
  return { ...resources, memorySwapBytes: memoryBytes * 2 }
}

function checkSet(kind: 'cpus' | 'mems', asked: string | undefined, controllers: Controllers): void {
  if (asked === undefined) return
  const available = availableSet(kind, controllers)
  const there = numbersOf(available)
  const wanted = numbersOf(asked)
  if (wanted === undefined) throw invalid(`invalid value "${asked}" for --cpuset-${kind}`, 'It is a list of numbers and ranges: 0-2,5.')
  if (there === undefined || [...wanted].every((number) => there.has(number))) return
  throw invalid(`requested ${kind === 'cpus' ? 'CPUs' : 'memory nodes'} are not available - requested ${asked}, available: ${available}`)
}

/** By which each is known. */
const flagOf: Readonly<Record<keyof ContainerResources, string>> = {
  memoryBytes: '--memory',
  memorySwapBytes: '--memory-swap',
  memoryReservationBytes: '--memory-reservation',
  memorySwappiness: '--memory-swappiness',
  cpus: '--cpus',
  cpuShares: '--cpu-shares',
  cpuQuotaMicros: '--cpu-quota',
  cpuPeriodMicros: '--cpu-period',
  cpusetCpus: '--cpuset-cpus',
  cpusetMems: '--cpuset-mems',
  pidsLimit: '--pids-limit',
  blockWeight: '--blkio-weight',
  oomKillDisable: '--oom-kill-disable',
  unified: '--cgroup-conf',
  cpuRealtimePeriodMicros: '--cpu-rt-period',
  cpuRealtimeRuntimeMicros: '--cpu-rt-runtime',
  blockDeviceWeights: '--blkio-weight-device',
  deviceThrottles: '--device-read-bps and the like',
}

const defaultPeriodMicros = 100_000

/** In the runtime-spec's words (config-linux, "Control groups"). */
export function limitedResources(limits: ContainerResources): Pick<ResourcesInput, 'resources' | 'pidsLimit'> {
  const quota = limits.cpus === undefined ? limits.cpuQuotaMicros : Math.round(limits.cpus * defaultPeriodMicros)
  const period = limits.cpus === undefined ? limits.cpuPeriodMicros : defaultPeriodMicros
  const memory = known({
    limit: limits.memoryBytes,
    swap: limits.memorySwapBytes,
    reservation: limits.memoryReservationBytes,
    swappiness: limits.memorySwappiness,
    disableOOMKiller: limits.oomKillDisable,
  })
  const cpu = known({
    shares: limits.cpuShares,
    quota,
    period,
    cpus: limits.cpusetCpus,
    mems: limits.cpusetMems,
    realtimePeriod: limits.cpuRealtimePeriodMicros,
    realtimeRuntime: limits.cpuRealtimeRuntimeMicros,
  })
  const throttled = (kind: DeviceThrottle['kind']): readonly object[] | undefined => {
    const found = (limits.deviceThrottles ?? []).filter((each) => each.kind === kind)
    return found.length === 0 ? undefined : found.map(({ device, rate }) => ({ ...blockDevice(device), rate }))
  }
  const weights = Object.entries(limits.blockDeviceWeights ?? {}).map(([device, weight]) => ({ ...blockDevice(device), weight }))
  const blockIO = known({
    weight: limits.blockWeight,
    weightDevice: weights.length === 0 ? undefined : weights,
    throttleReadBpsDevice: throttled('read-bps'),
    throttleWriteBpsDevice: throttled('write-bps'),
    throttleReadIOPSDevice: throttled('read-iops'),
    throttleWriteIOPSDevice: throttled('write-iops'),
  })
  return {
    resources: known({ memory, cpu, blockIO, unified: limits.unified }),
    ...(limits.pidsLimit !== undefined && { pidsLimit: Math.max(limits.pidsLimit, 0) }),
  }
}

/** glibc's gnu_dev_major() and gnu_dev_minor(), for numbers that fit into 32 bits. @throws `ERR_CONTAINER_OPTION_INVALID` */
function blockDevice(path: string): { readonly major: number; readonly minor: number } {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isBlockDevice() !== true)
    throw invalid(`cannot limit ${path}: ${stats === undefined ? 'it is not there' : 'it is no block device'}`)
  return { major: (stats.rdev >> 8) & 0xfff, minor: (stats.rdev & 0xff) | ((stats.rdev >> 12) & 0xfff00) }
}

/** Without what is undefined; undefined when nothing is left. */
function known(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return given.length === 0 ? undefined : Object.fromEntries(given)
}
