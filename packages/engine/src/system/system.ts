import type { System } from '@podwright/contracts'
import type { EngineOptions } from '../options.ts'
import type { EngineParts } from '../parts.ts'

/** The machine and the engine on it; each part is loaded when it is asked for. */
export function createSystem(parts: EngineParts, options: EngineOptions): System {
  return {
    info: async () => (await import('./info.ts')).readInfo(parts, options),
    doctor: async () => (await import('./doctor.ts')).examineHost(parts, options),
    devices: async () => (await import('../devices/list-devices.ts')).listDevices(parts),
    events: async function* events(chosen = {}) {
      yield* (await import('../events/follow-events.ts')).followEvents(parts, chosen)
    },
    usage: async (usage = {}) => (await import('./usage.ts')).engineUsage(parts, options, usage),
    prune: async (prune = {}) => (await import('./prune.ts')).pruneEngine(parts, options, prune),
    check: async (check = {}) => (await import('./check/check.ts')).checkEngine(parts, options, check),
    reset: async (reset = {}) => (await import('./reset/reset.ts')).resetEngine(parts, options, reset),
    mount: async (reference, mount = {}) => (await import('./mounts.ts')).mountTree(parts, reference, mount),
    unmount: async (reference, unmount = {}) => (await import('./mounts.ts')).unmountTree(parts, reference, unmount),
    mounts: async (mounts = {}) => (await import('./mounts.ts')).listTrees(parts, mounts),
    unshare: async (command, { signal } = {}) => {
      const { runInside } = await import('@podwright/userns')
      return runInside(await parts.namespace(), command, { signal })
    },
  }
}
