import type { FlagDefinitions } from '../../command-line/flags.ts'
import { tuningFlags } from './flags.ts'

const limits = [
  'blkio-weight',
  'blkio-weight-device',
  'cpu-period',
  'cpu-quota',
  'cpu-rt-period',
  'cpu-rt-runtime',
  'cpu-shares',
  'cpus',
  'cpuset-cpus',
  'cpuset-mems',
  'device-read-bps',
  'device-read-iops',
  'device-write-bps',
  'device-write-iops',
  'memory',
  'memory-reservation',
  'memory-swap',
  'memory-swappiness',
  'pids-limit',
] as const

type LimitFlags = Pick<typeof tuningFlags, (typeof limits)[number]>

/** Flags that limit a container, which one that is there may get as well. */
export const limitFlags: LimitFlags = Object.fromEntries(limits.map((name) => [name, withoutDefault(tuningFlags[name])])) as LimitFlags

/** What is not given is not the default, but what it was. */
function withoutDefault({ defaultText: _default, ...flag }: FlagDefinitions[string]): FlagDefinitions[string] {
  return flag
}
