import type { NamespaceExecutor } from '@podwright/contracts'
import { createMonitor, createRuntime, findMonitor, findRuntime } from '@podwright/runtime'
import { join } from 'node:path'
import type { EngineBase } from '../assemble-parts.ts'
import type { RuntimePair } from '../parts.ts'

/** An OCI runtime and the monitor that drives it. */
export function makeRuntime(
  base: EngineBase,
  namespace: () => Promise<NamespaceExecutor>,
  { name, monitor: monitorPath }: { readonly name: string | undefined; readonly monitor: string | undefined },
): RuntimePair {
  const found = findRuntime({ rootless: base.rootless, runtime: name, environment: base.environment })
  const monitor = findMonitor({ path: monitorPath })
  const runtime = createRuntime({
    name: found.name,
    path: found.path,
    root: join(base.paths.runRoot, found.name),
    rootless: base.rootless,
    cgroups: found.cgroups,
    cgroupManager: found.userManager === undefined ? 'cgroupfs' : 'systemd',
    environment: found.userManager?.environment,
    prefix: async () => (await namespace()).prefix(),
  })
  return {
    runtime,
    monitor: createMonitor({ path: monitor.path, runtime, seccompCacheDirectory: join(base.paths.runRoot, 'seccomp') }),
    cgroups: found.cgroups,
    userManager: found.userManager,
  }
}
