import type { NamespaceExecutor, Storage } from '@podwright/contracts'
import { openStorage } from '@podwright/storage'
import type { EngineBase } from '../assemble-parts.ts'
import type { EngineOptions } from '../options.ts'
import { minFreeBytes } from './min-free.ts'

/** The storage below the engine's root. */
export function openEngineStorage(options: EngineOptions, base: EngineBase, namespace: NamespaceExecutor): Promise<Storage> {
  return openStorage(
    { namespace, clock: base.clock },
    {
      root: base.paths.root,
      runRoot: base.paths.runRoot,
      driver: options.storageDriver,
      minFreeBytes: minFreeBytes(options, base.environment),
    },
  )
}
