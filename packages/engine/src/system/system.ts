import type { System } from '@podwright/contracts'
import type { EngineOptions } from '../options.ts'
import type { EngineParts } from '../parts.ts'

/** The machine and the engine on it; each part is loaded when it is asked for. */
export function createSystem(parts: EngineParts, options: EngineOptions): System {
  return {
    info: async () => (await import('./info.ts')).readInfo(parts, options),
    doctor: async () => (await import('./doctor.ts')).examineHost(parts, options),
    unshare: async (command, { signal } = {}) => {
      const { runInside } = await import('@podwright/userns')
      return runInside(await parts.namespace(), command, { signal })
    },
  }
}
