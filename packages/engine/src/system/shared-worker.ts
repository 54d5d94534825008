import type { NamespaceExecutor, NamespaceSession } from '@podwright/contracts'
import type { EngineOptions } from '../options.ts'
import type { EngineParts } from '../parts.ts'

/**
 * Does work with parts whose tasks all run in one worker inside the namespace, started with the first: a worker for each of a hundred trees would take
 * ten times as long as the walk through them.
 */
export async function withSharedWorker<Result>(
  parts: EngineParts,
  options: EngineOptions,
  work: (shared: EngineParts) => Promise<Result>,
): Promise<Result> {
  const executor = sharedExecutor(await parts.namespace())
  const { openEngineStorage } = await import('../make/storage.ts')
  const { openEngineVolumes } = await import('../volumes/open-volumes.ts')
  const namespace = (): Promise<NamespaceExecutor> => Promise.resolve(executor)
  const storage = await openEngineStorage(options, parts, executor)
  try {
    const volumes = await openEngineVolumes({ ...parts, namespace }, options)
    return await work({ ...parts, namespace, storage: () => Promise.resolve(storage), volumes: () => Promise.resolve(volumes) })
  } finally {
    await storage[Symbol.asyncDispose]()
    await executor.end()
  }
}

interface SharedExecutor extends NamespaceExecutor {
  end(): Promise<void>
}

function sharedExecutor(executor: NamespaceExecutor): SharedExecutor {
  let session: Promise<NamespaceSession> | undefined
  return {
    rootless: executor.rootless,
    idMap: () => executor.idMap(),
    prefix: (options) => executor.prefix(options),
    open: (options) => executor.open(options),
    run: async (task, args, options) => (await (session ??= executor.open())).run(task, args, options),
    end: async () => {
      await (await session?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}
