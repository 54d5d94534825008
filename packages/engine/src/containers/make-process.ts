import type { HandedOn, LaunchedMonitor, RuntimeRestoreOptions, Snapshot, WindowSize } from '@podwright/contracts'
import { type AbortOptions, messageOf } from '@podwright/conventions'
import { wantsAccounts } from '../accounts/wants-accounts.ts'
import type { EngineParts, RuntimePair } from '../parts.ts'
import { concealSpec, secretVariables } from '../secrets/conceal-spec.ts'
import { secretsDirectory } from '../secrets/secrets-directory.ts'
import type { ContainerRecord } from '../state/record.ts'
import type { BundleWithVolumes } from '../volumes/bundle-with-volumes.ts'
import { usesVolumes } from '../volumes/uses-volumes.ts'
import { beingStarted, keptStart } from './being-started.ts'
import { prepareBundle, prepareDirectory } from './bundle.ts'
import { removeControlGroups } from './control-groups.ts'
import { disconnect } from './disconnect.ts'
import type { ContainerFiles } from './files.ts'
import { launchMonitor } from './launch-monitor.ts'
import { isInitialized } from './observe.ts'
import { mountedRoot } from './mounted-root.ts'
import { releaseMounts } from './release-mounts.ts'
import { requireSnapshot } from './require-snapshot.ts'
import { mountSharedMemory, sharesMemory } from './shared-memory.ts'
import { uplinkOf } from './uplink-of.ts'

/** What a container's process is made with. */
export interface ProcessOptions extends AbortOptions {
  readonly windowSize: WindowSize | undefined
  readonly restarts?: number | undefined
  readonly restore?: RuntimeRestoreOptions | undefined
  readonly handedOn?: HandedOn | undefined
}

/** Has the monitor and the runtime make the container's process, up to just before its first instruction. */
export async function createProcess(
  parts: EngineParts,
  pair: RuntimePair,
  record: ContainerRecord,
  files: ContainerFiles,
  options: ProcessOptions,
): Promise<void> {
  const store = await parts.store()
  const snapshot = await requireSnapshot(parts, record)
  // Whoever made it may have been killed before.
  if (wantsAccounts(record.settings)) await (await import('../accounts/add-accounts.ts')).addAccounts(parts, record, snapshot, options)
  const root = await mountedRoot(parts, snapshot)
  prepareDirectory(record, files)
  // From here on mounts, open secrets and a process may be left over by a crash: the row says so before they can be, and the pid files tell which process.
  await store.update(record.id, record.keeping === undefined ? beingStarted(parts, pair) : keptStart(beingStarted(parts, pair), options))
  await orUndo(parts, pair, record, async () => {
    if (sharesMemory(record.settings.tuning)) await mountSharedMemory(parts, record.settings.tuning, files, options)
    // Before the monitor has a mount namespace of its own, or it would not see them.
    const bundle = usesVolumes(record)
      ? await (await import('../volumes/bundle-with-volumes.ts')).prepareBundleWithVolumes(parts, record, snapshot, files, options)
      : undefined
    using monitor = await launchMonitor(parts, pair, record, files, {
      signal: options.signal,
      restore: options.restore,
      descriptors: options.handedOn?.descriptors,
    })
    monitor.mount(root.mounts)
    await createIn(parts, monitor, record, files, { ...options, snapshot, bundle })
  })
}

/** Has a monitor that is on its way make the process; the bundle, when it isn't ready, is worked out meanwhile. */
export async function createIn(
  parts: EngineParts,
  monitor: LaunchedMonitor,
  record: ContainerRecord,
  files: ContainerFiles,
  options: ProcessOptions & { readonly snapshot: Snapshot; readonly bundle?: BundleWithVolumes | undefined },
): Promise<void> {
  const { signal, snapshot, windowSize, bundle, handedOn } = options
  const plain = bundle?.spec ?? (await prepareBundle(parts, record, snapshot, files, windowSize)).spec
  const spec = handedOn?.activation === undefined ? plain : (await import('./activation.ts')).activated(plain, handedOn)
  const isSecret = secretVariables(record.settings).length > 0
  const configDirectory = isSecret ? secretsDirectory(parts, record.id) : undefined
  const { pid, monitorPid } = await monitor.create(spec, { signal, configDirectory })
  if (isSecret) concealSpec(files, record.settings)
  if (bundle !== undefined && bundle.parts.length > 0) (await import('../volumes/verify-subpaths.ts')).verifySubpaths(pid, bundle.parts)
  const { pidFile, monitorPidFile } = record.settings.tuning ?? {}
  if (pidFile !== undefined) (await import('../tuning/pid-file.ts')).writePidFile(pidFile, pid)
  if (monitorPidFile !== undefined) (await import('../tuning/pid-file.ts')).writePidFile(monitorPidFile, monitorPid)
  if (record.network === 'private') {
    // Its namespaces belong to a user namespace that only the engine's own may look into.
    const prefix = record.settings.idMap === undefined ? [] : await (await parts.namespace()).prefix({ signal })
    const target = { pid, directory: files.directory, ports: record.ports, prefix }
    const connecting = (await uplinkOf(parts, record)).connect(target, { signal })
    await (record.ports.length === 0
      ? connecting
      : (await import('./ports/name-port-holder.ts')).namingPortHolder(parts, record, connecting))
  }
}

/** When a start fails, takes the half-made process away, puts the state back to what it was, and notes why. */
export async function orUndo<Result>(
  parts: EngineParts,
  pair: RuntimePair,
  record: ContainerRecord,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const store = await parts.store()
    const pids = parts.evidence.readPids(record.id)
    await pair.runtime.delete(record.id, { force: true }).catch(() => undefined)
    if (pair.cgroups === 'enabled') await removeControlGroups(parts, record, pair)
    await disconnect(parts, record).catch(() => undefined)
    await releaseMounts(parts, record).catch(() => undefined)
    // A monitor that is still about to write its exit file would end the next start in advance.
    if (pids !== undefined) await untilGone(parts, pids.monitorPid, pids.monitorStart)
    const { status, desired, exitCode, startedAt, finishedAt } = isInitialized(record) ? neverStarted(record) : record
    await store.update(record.id, { status, desired, exitCode, startedAt, finishedAt, pid: 0, monitorPid: 0, error: messageOf(error) })
    throw error
  }
}

/** One that waited to be started does so no more. */
function neverStarted(record: ContainerRecord): ContainerRecord {
  return { ...record, status: 'created', desired: 'created' }
}

/** How long a monitor may take to end once its container is gone. */
const monitorPatienceMs = 2_000

export async function untilGone(parts: EngineParts, pid: number, start: number): Promise<void> {
  const deadline = parts.clock.now() + monitorPatienceMs
  while (parts.evidence.isAlive(pid, start) && parts.clock.now() < deadline) await parts.clock.sleep(5)
}
