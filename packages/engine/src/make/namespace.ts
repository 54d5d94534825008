import type { NamespaceExecutor } from '@podwright/contracts'
import { findRuntime } from '@podwright/runtime'
import { createHostExecutor, createNamespaceExecutor } from '@podwright/userns'
import { realpathSync } from 'node:fs'
import type { EngineBase } from '../assemble-parts.ts'
import { entryArguments } from '../entries.ts'
import type { ContainerStore } from '../state/container-store.ts'

/** The way into the namespaces that containers' files belong to. */
export function makeNamespace(base: EngineBase, store: () => Promise<ContainerStore>): NamespaceExecutor {
  const { NODE_COMPILE_CACHE: cache } = base.environment
  const workerEntry = {
    path: base.entries.worker,
    execArgv: entryArguments(base.entries.worker).slice(0, -1),
    // What V8 made of its files is kept where the command's is.
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
  }
  if (!base.rootless) return createHostExecutor({ workerEntry })
  return createNamespaceExecutor(
    { clock: base.clock, survivors: async () => livingMonitors(base, await store()) },
    { stateDirectory: base.paths.root, workerEntry, readOnlyFiles: readOnlyRuntime },
  )
}

/** A runtime that finds itself on a read-only mount need not run a copy of itself, to be safe from what its container might write into it. */
function readOnlyRuntime(): readonly string[] {
  try {
    return [realpathSync(findRuntime({ rootless: true }).path)]
  } catch {
    // There is none: whoever needs one says so.
    return []
  }
}

/** Monitors that still hold the namespaces which a lost pause process held. */
function livingMonitors(base: EngineBase, store: ContainerStore): readonly number[] {
  return store
    .list()
    .filter((row) => row.bootId === base.evidence.bootId() && base.evidence.isAlive(row.monitorPid, row.monitorStart))
    .map((row) => row.monitorPid)
}
