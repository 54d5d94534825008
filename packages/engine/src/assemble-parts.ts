import type { PublishedPort, Uplink, UplinkChoice } from '@podwright/contracts'
import { tearDown } from '@podwright/conventions'
import type { EngineOptions } from './options.ts'
import type { EngineParts, RuntimePair } from './parts.ts'
import { openContainerStore } from './state/container-store.ts'

/** What is known before any part is made. */
export type EngineBase = Pick<
  EngineParts,
  'paths' | 'entries' | 'environment' | 'clock' | 'rootless' | 'inside' | 'leavesSession' | 'evidence' | 'cdiSpecDirectories'
>

/** Parts that make themselves when first asked for, and a way to close those that were made. */
export function assembleParts(options: EngineOptions, base: EngineBase): { parts: EngineParts; close: () => Promise<void> } {
  const store = once(() => openContainerStore(base.paths.database))
  const namespace = once(async () => (await import('./make/namespace.ts')).makeNamespace(base, store.get))
  const reach = { ...base, store: store.get, namespace: namespace.get }
  const storage = once(async () => (await import('./make/storage.ts')).openEngineStorage(options, base, await namespace.get()))
  const volumes = once(async () => (await import('./volumes/open-volumes.ts')).openEngineVolumes(reach, options))
  const plainUplink = once(async () => (await import('@podwright/network')).createUplink())
  const uplink = async (ports: readonly PublishedPort[] = [], choice?: UplinkChoice): Promise<Uplink> =>
    ports.length === 0 && choice === undefined
      ? plainUplink.get()
      : (await import('@podwright/network')).createUplink({}, { ports, choice })
  const runtimes = new Map<string, Promise<RuntimePair>>()
  const runtime = (name: string | undefined = options.runtime): Promise<RuntimePair> => {
    const key = name ?? ''
    const made =
      runtimes.get(key) ??
      import('./make/runtime.ts').then(({ makeRuntime }) =>
        makeRuntime(base, namespace.get, { name, monitor: options.monitor, cgroupManager: options.cgroupManager }),
      )
    runtimes.set(key, made)
    return made
  }
  return {
    parts: { ...base, store: store.get, namespace: namespace.get, storage: storage.get, volumes: volumes.get, uplink, runtime },
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
