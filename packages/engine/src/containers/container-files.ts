import type { ContainerMount, TreeBind, TreeFiles } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { FileLock } from '@podwright/linux'
import { existsSync } from 'node:fs'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import type { ReadyMounts } from '../volumes/container-volumes.ts'
import { isMapped } from '../volumes/mapped-mounts.ts'
import { usesVolumes } from '../volumes/uses-volumes.ts'
import { type ContainerFiles, containerFiles } from './files.ts'
import { finishLocked } from './finish.ts'
import { lookUpContainer } from './lookup.ts'
import { requireMountSources } from './mount-sources.ts'
import { mountedRoot } from './mounted-root.ts'
import { isInitialized, observe } from './observe.ts'
import { requireSnapshot } from './require-snapshot.ts'
import { lockState } from './state-lock.ts'
import { recoverLocked } from './sweep.ts'

/**
 * A container's files. Of one that runs, its first process has the root with all mounts; of one that doesn't, the tree is mounted anew, and its state lock
 * held, since a tree must not be mounted twice for writing.
 */
export async function openContainerFiles(parts: EngineParts, reference: string, options: AbortOptions): Promise<TreeFiles> {
  const { id } = lookUpContainer(await parts.store(), reference)
  const running = await filesOfProcess(parts, id, options)
  if (running !== undefined) return running
  const lock = await lockState(parts, id, options)
  try {
    // Whoever held the lock may have started it.
    const started = await filesOfProcess(parts, id, options)
    if (started === undefined) return await filesOfSnapshot(parts, id, lock, options)
    lock.release()
    return started
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Undefined while it doesn't run: what is being started has a process too, whose root may still be the host's. */
async function filesOfProcess(parts: EngineParts, id: string, options: AbortOptions): Promise<TreeFiles | undefined> {
  const row = (await parts.store()).require(id)
  const { idMap } = row.settings
  const { status, pid } = observe(row, parts.evidence)
  // The root of one that waits to be started is its own already.
  if (pid === 0 || !(['running', 'paused', 'stopping'].includes(status) || isInitialized(row))) return undefined
  const startTime = row.pid === pid ? row.pidStart : parts.evidence.readPids(id)?.pidStart
  if (startTime === undefined) return undefined
  return (await parts.storage()).openTreeFiles({ type: 'process', pid, startTime }, { signal: options.signal, idMap })
}

async function filesOfSnapshot(parts: EngineParts, id: string, lock: FileLock, options: AbortOptions): Promise<TreeFiles> {
  const record = await recordAtRest(parts, id)
  for (const mount of record.settings.mounts) if (isMapped(mount)) throw mappedAtRest(record.name, mount)
  requireMountSources(record.settings.mounts)
  const snapshot = await requireSnapshot(parts, record)
  const root = await mountedRoot(parts, snapshot)
  const volumes = usesVolumes(record) ? await import('../volumes/container-volumes.ts') : undefined
  const release = async (): Promise<void> => {
    await volumes?.unmountVolumes(parts, record)
  }
  try {
    const ready = await volumes?.mountVolumes(parts, record, snapshot, options)
    const binds = bindsOf(ready ?? { mounts: record.settings.mounts, parts: [] }, containerFiles(parts.paths, id))
    const { readOnlyRoot: readOnly, idMap } = record.settings
    const files = await (
      await parts.storage()
    ).openTreeFiles({ type: 'mounts', ...root, readOnly, binds }, { signal: options.signal, idMap })
    return {
      ...files,
      async [Symbol.asyncDispose]() {
        try {
          await files[Symbol.asyncDispose]()
          await release()
        } finally {
          lock.release()
        }
      },
    }
  } catch (error) {
    await release().catch(() => undefined)
    throw error
  }
}

/** The runtime maps it, and there is none while the container does not run. */
function mappedAtRest(name: string, { target }: ContainerMount): EngineError {
  return new EngineError(
    'ERR_CONTAINER_NOT_RUNNING',
    `cannot look at the files of ${name}: the ids of its mount on ${target} are mapped while it runs`,
    {
      hint: `podwright start ${name}`,
    },
  )
}

/** One that has ended is brought to its end first: its monitor may have the tree mounted. */
async function recordAtRest(parts: EngineParts, id: string): Promise<ContainerRecord> {
  const store = await parts.store()
  await recoverLocked(parts, id)
  const record = store.require(id)
  const observation = observe(record, parts.evidence)
  if (record.status === 'removing') {
    throw new EngineError('ERR_CONTAINER_NOT_FOUND', `cannot look at the files of ${record.name}: its removal was interrupted`, {
      hint: `podwright rm ${record.name} removes the rest.`,
      details: { reference: record.name },
    })
  }
  if (observation.needsCleanup) await finishLocked(parts, record, observation)
  return store.require(id)
}

/** What is bound into it when it starts; what is in memory then is not there. */
function bindsOf({ mounts, parts }: Pick<ReadyMounts, 'mounts' | 'parts'>, files: ContainerFiles): readonly TreeBind[] {
  const own = mounts.flatMap(({ type, source, target, readOnly, options }): TreeBind[] => {
    if (type !== 'bind' || source === undefined) return []
    const within = parts.find(({ volume, path }) => `${volume}${path}` === source)?.volume
    return [{ source, target, within, readOnly: readOnly === true || options?.includes('ro') === true, missingTarget: 'make' }]
  })
  const identity = [
    [files.hosts, '/etc/hosts'],
    [files.hostname, '/etc/hostname'],
    [files.resolvConf, '/etc/resolv.conf'],
  ] as const
  const isOwn = (path: string): boolean => own.some(({ target }) => target === path)
  const small = identity
    .filter(([source, target]) => !isOwn(target) && existsSync(source))
    .map(([source, target]): TreeBind => ({ source, target, readOnly: false, missingTarget: 'skip' }))
  return [...small, ...own].toSorted((a, b) => depthOf(a.target) - depthOf(b.target))
}

function depthOf(path: string): number {
  return path.split('/').filter((name) => name !== '').length
}
