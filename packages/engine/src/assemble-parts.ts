import { tearDown } from '@podwright/conventions'
import type { NamespaceExecutor, Storage, Uplink } from '@podwright/contracts'
import { join } from 'node:path'
import { entryArguments } from './entries.ts'
import type { EngineOptions } from './options.ts'
import type { EngineParts, RuntimePair } from './parts.ts'
import { type ContainerStore, openContainerStore } from './state/container-store.ts'

/** What is known before any part is made. */
export type EngineBase = Pick<EngineParts, 'paths' | 'entries' | 'environment' | 'clock' | 'rootless' | 'inside' | 'evidence'>

/** Parts that make themselves when first asked for, and a way to close those that were made. */
export function assembleParts(options: EngineOptions, base: EngineBase): { parts: EngineParts; close: () => Promise<void> } {
  const store = once(() => openContainerStore(base.paths.database))
  const namespace = once(() => makeNamespace(base, store.get))
  const reach = { ...base, store: store.get, namespace: namespace.get }
  const storage = once(() => openEngineStorage(options, base, namespace.get))
  const volumes = once(async () => (await import('./volumes/open-volumes.ts')).openEngineVolumes(reach, options))
  const uplink = once(makeUplink)
  const runtimes = new Map<string, Promise<RuntimePair>>()
  const runtime = (name: string | undefined = options.runtime): Promise<RuntimePair> => {
    const key = name ?? ''
    const made = runtimes.get(key) ?? makeRuntime(base, namespace.get, name)
    runtimes.set(key, made)
    return made
  }
  return {
    parts: { ...base, store: store.get, namespace: namespace.get, storage: storage.get, volumes: volumes.get, uplink: uplink.get, runtime },
    close: async () => {
      if (options.processEnds === true) return
      await tearDown([async () => (await storage.made())?.[Symbol.asyncDispose](), async () => (await store.made())?.[Symbol.dispose]()])
    },
  }
}

interface Once<Value> {
  readonly get: () => Promise<Value>
  /** The value, if it was ever asked for and could be made. */
  readonly made: () => Promise<Value | undefined>
}

function once<Value>(make: () => Promise<Value>): Once<Value> {
  let value: Promise<Value> | undefined
  return {
    get: () => (value ??= make()),
    made: async () => value?.catch(() => undefined),
  }
}

async function makeNamespace(base: EngineBase, store: () => Promise<ContainerStore>): Promise<NamespaceExecutor> {
  const { createHostExecutor, createNamespaceExecutor } = await import('@podwright/userns')
  const workerEntry = { path: base.entries.worker, execArgv: entryArguments(base.entries.worker).slice(0, -1) }
  if (!base.rootless) return createHostExecutor({ workerEntry })
  return createNamespaceExecutor(
    { clock: base.clock, survivors: async () => livingMonitors(base, await store()) },
    { stateDirectory: base.paths.root, workerEntry },
  )
}

/** Monitors that still hold the namespaces which a lost pause process held. */
function livingMonitors(base: EngineBase, store: ContainerStore): readonly number[] {
  return store
    .list()
    .filter((row) => row.bootId === base.evidence.bootId() && base.evidence.isAlive(row.monitorPid, row.monitorStart))
    .map((row) => row.monitorPid)
}

async function openEngineStorage(options: EngineOptions, base: EngineBase, namespace: () => Promise<NamespaceExecutor>): Promise<Storage> {
  const { openStorage } = await import('@podwright/storage')
  return openStorage(
    { namespace: await namespace(), clock: base.clock },
    { root: base.paths.root, runRoot: base.paths.runRoot, driver: options.storageDriver, minFreeBytes: options.minFreeBytes },
  )
}

async function makeUplink(): Promise<Uplink> {
  const { createUplink } = await import('@podwright/network')
  return createUplink()
}

async function makeRuntime(base: EngineBase, namespace: () => Promise<NamespaceExecutor>, name: string | undefined): Promise<RuntimePair> {
  const { createMonitor, createRuntime, findMonitor, findRuntime } = await import('@podwright/runtime')
  const found = findRuntime({ rootless: base.rootless, runtime: name })
  const monitor = findMonitor()
  const runtime = createRuntime({
    name: found.name,
    path: found.path,
    root: join(base.paths.runRoot, found.name),
    rootless: base.rootless,
    cgroups: found.cgroups,
    prefix: async () => (await namespace()).prefix(),
  })
  return {
    runtime,
    monitor: createMonitor({ path: monitor.path, runtime, seccompCacheDirectory: join(base.paths.runRoot, 'seccomp') }),
    cgroups: found.cgroups,
  }
}
