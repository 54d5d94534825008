import type { ContainerResources, ContainerUpdate } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord, ContainerSettings } from '../state/record.ts'
import { invalid } from '../tuning/invalid.ts'
import { checkResources, limitedResources } from '../tuning/resources.ts'
import { noControlGroup } from './no-control-group.ts'
import { observe } from './observe.ts'
import { lockState } from './state-lock.ts'

/** Of the kernel (PID_MAX_LIMIT): as good as none. Some crun write the spec's -1 as it is, which the kernel refuses. */
const mostPids = 4_194_304

/**
 * Changes what a container may use, and what follows its end. The kernel comes first: it may refuse, and then nothing has changed. Whoever is killed before it is on
 * record leaves limits that hold until the next start; the same update again is harmless.
 */
export async function updateContainer(
  parts: EngineParts,
  id: string,
  change: ContainerUpdate,
  options: AbortOptions,
): Promise<readonly string[]> {
  await using _lock = await lockState(parts, id, options)
  const store = await parts.store()
  const record = store.require(id)
  if (record.settings.autoRemove && typeof change.restart === 'object' && change.restart.name !== 'on-failure') {
    throw invalid(`cannot give ${record.name} the restart policy ${change.restart.name}: it is removed when it ends`)
  }
  const { resources, warnings } = await checkedResources(parts, record, change.resources)
  if (resources !== undefined && isUp(parts, record)) await limit(parts, record, resources)
  const settings: ContainerSettings = {
    ...record.settings,
    ...(resources !== undefined && { tuning: { ...record.settings.tuning, resources } }),
    ...(change.restart !== undefined && { restart: change.restart === 'no' ? undefined : change.restart }),
  }
  await store.updateSettings(id, settings, { action: 'update', time: parts.clock.now() })
  const row = store.find(id)
  if (change.restart !== undefined) (await import('../keeper/start-keeper.ts')).callKeeper(parts, row)
  return warnings
}

/** All limits as they are to be, and what of them the host ignores; undefined when they stay. */
async function checkedResources(
  parts: EngineParts,
  record: ContainerRecord,
  given: ContainerResources | undefined,
): Promise<{ readonly resources: ContainerResources | undefined; readonly warnings: readonly string[] }> {
  if (given === undefined) return { resources: undefined, warnings: [] }
  const { cgroups, userManager } = await parts.runtime(record.runtime || undefined)
  if (cgroups === 'disabled') throw noControlGroup(parts, record, 'change the limits of', 'these alone limit something')
  return checkResources(merge(record.settings.tuning?.resources ?? {}, given), { rootless: parts.rootless, cgroups, userManager })
}

/** Two ways to say the same exclude each other: the newer holds. */
function merge(before: ContainerResources, given: ContainerResources): ContainerResources {
  const { cpus, cpuQuotaMicros, cpuPeriodMicros, memorySwapBytes, ...others } = before
  const isQuota = given.cpuQuotaMicros !== undefined || given.cpuPeriodMicros !== undefined
  return {
    ...others,
    ...(!isQuota && { cpus }),
    ...(given.cpus === undefined && { cpuQuotaMicros, cpuPeriodMicros }),
    // Unless it is given, swap follows memory.
    ...(given.memoryBytes === undefined && { memorySwapBytes }),
    ...given,
  }
}

function isUp(parts: EngineParts, record: ContainerRecord): boolean {
  const { pid, status } = observe(record, parts.evidence)
  return pid !== 0 && (status === 'running' || status === 'paused')
}

async function limit(parts: EngineParts, record: ContainerRecord, limits: ContainerResources): Promise<void> {
  const { runtime } = await parts.runtime(record.runtime || undefined)
  const { resources, pidsLimit } = limitedResources(limits)
  await runtime.update(record.id, { ...resources, ...(pidsLimit !== undefined && { pids: { limit: pidsLimit || mostPids } }) })
}
