import { isPodwrightError } from '@podwright/conventions'
import type { ResetEngineOptions, ResetReport } from '@podwright/contracts'
import { basename } from 'node:path'
import type { EngineOptions } from '../../options.ts'
import type { EngineParts } from '../../parts.ts'
import { deleteOwn, findOwn } from './delete-own.ts'
import { endContainers } from './end-containers.ts'
import { requireOwnRoot } from './own-root.ts'
import { unmountAll } from './unmount-all.ts'

type Counts = Pick<ResetReport, 'containers' | 'images' | 'volumes'>

const nothing: Counts = { containers: 0, images: 0, volumes: 0 }

/** Ends and deletes everything. Whose the root is, is asked before anything is opened in it. */
export async function resetEngine(parts: EngineParts, engine: EngineOptions, options: ResetEngineOptions): Promise<ResetReport> {
  const state = await requireOwnRoot(parts.paths.root)
  const counts = state === 'own' ? await countAll(parts) : nothing
  const runtimes = [
    ...(engine.runtime === undefined ? [] : [basename(engine.runtime)]),
    ...(state === 'own' ? await runtimesOf(parts) : []),
  ]
  if (options.dryRun === true) return { ...counts, ...(await findOwn(parts, runtimes)) }
  if (state === 'own') {
    await endContainers(parts, options)
    await unmountAll(parts, options)
    await closeDatabases(parts)
  }
  return { ...counts, ...(await deleteOwn(parts, runtimes, options)) }
}

async function countAll(parts: EngineParts): Promise<Counts> {
  return {
    containers: await orNothing(async () => (await parts.store()).list().length),
    images: await orNothing(async () => (await parts.storage()).listImages().filter((image) => image.additionalStore === undefined).length),
    volumes: await orNothing(async () => (await parts.volumes()).list().length),
  }
}

/** A damaged database is no reason to keep everything: it is one to be rid of it. */
async function orNothing(count: () => Promise<number>): Promise<number> {
  try {
    return await count()
  } catch (error) {
    if (isPodwrightError(error)) return 0
    throw error
  }
}

async function runtimesOf(parts: EngineParts): Promise<readonly string[]> {
  try {
    return (await parts.store()).list().map(({ runtime }) => runtime)
  } catch {
    return []
  }
}

/** Else they would be written to once more when the engine is disposed of. */
async function closeDatabases(parts: EngineParts): Promise<void> {
  await (await parts.storage().catch(() => undefined))?.[Symbol.asyncDispose]()
  ;(await parts.store().catch(() => undefined))?.[Symbol.dispose]()
}
