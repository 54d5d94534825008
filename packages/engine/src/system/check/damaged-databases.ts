import { isPodwrightError, messageOf } from '@podwright/conventions'
import type { CheckEngineOptions, EngineFinding } from '@podwright/contracts'
import { join } from 'node:path'
import type { EngineOptions } from '../../options.ts'
import type { EngineParts } from '../../parts.ts'
import { type ContainerStore, openContainerStore } from '../../state/container-store.ts'
import { databaseFaults, salvageStateDatabase } from '../../state/salvage-database.ts'
import { acts, settle } from './problem.ts'

/** The engine's parts, over databases that can be opened. */
export interface OpenedForCheck extends AsyncDisposable {
  /** Undefined when a database is too damaged to look at anything else, and was not to be mended. */
  readonly parts: EngineParts | undefined
  readonly findings: readonly EngineFinding[]
}

/** Looks at the databases as files, mends them if that is asked for, and opens them. The damaged file stays beside the new one. */
export async function openForCheck(parts: EngineParts, engine: EngineOptions, options: CheckEngineOptions): Promise<OpenedForCheck> {
  const state = await checkState(parts, options)
  const isMended = state.every((finding) => finding.state === 'repaired')
  // The handle that there may be leads to the old file.
  const store = state.length > 0 && isMended ? await openContainerStore(parts.paths.database) : undefined
  const over = store === undefined ? parts : { ...parts, store: () => Promise.resolve(store) }
  const storage = await checkStorageDatabase(over, engine, options)
  const isWhole = isMended && storage.every((finding) => finding.state === 'repaired')
  return opened(isWhole ? over : undefined, [...state, ...storage], store)
}

function opened(parts: EngineParts | undefined, findings: readonly EngineFinding[], store?: ContainerStore): OpenedForCheck {
  return { parts, findings, [Symbol.asyncDispose]: async () => store?.[Symbol.dispose]() }
}

async function checkState({ paths }: EngineParts, options: CheckEngineOptions): Promise<EngineFinding[]> {
  const faults = await databaseFaults(paths.database)
  if (faults.length === 0) return []
  const problem = {
    kind: 'engine-database',
    subject: paths.database,
    reason: faults.join('; '),
    action: 'The containers that can be read are copied to a new one; the old one stays beside it.',
    mend: () => salvageStateDatabase(paths.database),
  } as const
  return [await settle(problem, options)]
}

/** One that can be opened is looked at by the storage's own check. */
async function checkStorageDatabase(parts: EngineParts, engine: EngineOptions, options: CheckEngineOptions): Promise<EngineFinding[]> {
  const namespace = await parts.namespace()
  const { openEngineStorage } = await import('../../make/storage.ts')
  try {
    await (await openEngineStorage(engine, parts, namespace))[Symbol.asyncDispose]()
    return []
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_DATABASE_CORRUPT')) throw error
    const subject = join(parts.paths.root, 'storage.db')
    const action = 'Its readable rows are copied to a new one, and images are found again by what is on the disk.'
    const mend = (): Promise<void> => rebuild(parts, engine, options)
    const finding = await settle({ kind: 'database', subject, reason: messageOf(error), action, mend }, options)
    return acts(options) && finding.state !== 'repaired' ? Promise.reject(error) : [finding]
  }
}

/** Containers know the images that their trees are on, and by which names those came. */
async function rebuild(parts: EngineParts, engine: EngineOptions, { signal }: CheckEngineOptions): Promise<void> {
  const { rebuildStorage } = await import('@podwright/storage')
  const { openEngineStorage } = await import('../../make/storage.ts')
  const { root, runRoot } = parts.paths
  const namespace = await parts.namespace()
  const store = await parts.store()
  const containers = store.list()
  const snapshots = new Map(containers.map(({ id, imageId }) => [id, store.require(id).settings.root ?? imageId]))
  await rebuildStorage({ namespace, clock: parts.clock }, { root, runRoot, driver: engine.storageDriver }, { signal, snapshots })
  const storage = await openEngineStorage(engine, parts, namespace)
  try {
    for (const { imageId, imageName } of containers.toReversed()) {
      if (imageName === '') continue
      const isLost = storage.findImage(imageId)?.names.length === 0 && storage.findImage(imageName) === undefined
      if (isLost && !imageName.startsWith('sha256:')) await storage.tagImage(imageId, imageName)
    }
  } finally {
    await storage[Symbol.asyncDispose]()
  }
}
