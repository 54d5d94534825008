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
  const storage = await checkStorageDatabase(parts, engine, options)
  const findings = [...state, ...storage]
  if (findings.some((finding) => finding.state !== 'repaired')) return opened(undefined, findings)
  if (state.length === 0) return opened(parts, findings)
  // The handle that there may be leads to the old file.
  const store = await openContainerStore(parts.paths.database)
  return opened({ ...parts, store: () => Promise.resolve(store) }, findings, store)
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
    const mend = async (): Promise<unknown> => {
      const { rebuildStorage } = await import('@podwright/storage')
      const { root, runRoot } = parts.paths
      return rebuildStorage({ namespace, clock: parts.clock }, { root, runRoot, driver: engine.storageDriver }, { signal: options.signal })
    }
    const finding = await settle({ kind: 'database', subject, reason: messageOf(error), action, mend }, options)
    return acts(options) && finding.state !== 'repaired' ? Promise.reject(error) : [finding]
  }
}
