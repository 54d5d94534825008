import type { ContainerResources, ContainerUpdate, HealthCheck } from '@podwright/contracts'
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
  const health = change.health === undefined ? undefined : await checkedHealth(record, change.health)
  const { resources, warnings } = await checkedResources(parts, record, change.resources)
  if (resources !== undefined && isUp(parts, record)) await limit(parts, record, resources)
  const isOfEnvironment = change.environment !== undefined || change.unsetEnvironment !== undefined
  const before = isOfEnvironment
    ? { ...record.settings, ...(await import('./update-environment.ts')).updatedEnvironment(record.settings, change) }
    : record.settings
  const settings: ContainerSettings = {
    ...before,
    ...(resources !== undefined && { tuning: { ...before.tuning, resources } }),
    ...(change.health !== undefined && { health }),
    ...(change.restart !== undefined && { restart: change.restart === 'no' ? undefined : change.restart }),
  }
  await store.updateSettings(id, settings, { action: 'update', time: parts.clock.now() })
  if (change.health !== undefined) await restartChecks(parts, record, health)
  const row = store.find(id)
  if (change.restart !== undefined || change.health !== undefined) (await import('../keeper/start-keeper.ts')).callKeeper(parts, row)
  return warnings
}

/** The check as it is to be: what is given, and of the rest what it was. */
async function checkedHealth(
  { name, settings }: ContainerRecord,
  given: NonNullable<ContainerUpdate['health']>,
): Promise<HealthCheck | undefined> {
  if (given === 'none') {
    if (settings.tuning?.notify === 'healthy') throw invalid(`cannot take the health check from ${name}: a service manager waits for it`)
    return undefined
  }
  if (settings.health === undefined && given.test === undefined) {
    throw invalid(`cannot change the health check of ${name}: it has none`, 'Give it one: --health-cmd "curl -f http://localhost/"')
  }
  const asked = Object.entries(given).filter(([, value]) => value !== undefined)
  return (await import('../health/resolve-health.ts')).resolveHealth({ ...settings.health, ...Object.fromEntries(asked) }, undefined)
}

/** Of a container that runs, what is known of its health is of another check. */
async function restartChecks(parts: EngineParts, record: ContainerRecord, check: HealthCheck | undefined): Promise<void> {
  const { healthAtStart } = await import('../health/health-record.ts')
  const health = check !== undefined && isUp(parts, record) ? healthAtStart(check, parts.clock.now()) : undefined
  await (await parts.store()).update(record.id, { health })
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
