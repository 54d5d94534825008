import type { NamespaceExecutor } from '@podwright/contracts'
import { createMonitor, createRuntime, findMonitor, findRuntime, type FoundRuntime } from '@podwright/runtime'
import { join } from 'node:path'
import { EngineError } from '../errors.ts'
import type { EngineOptions } from '../options.ts'
import type { EngineBase } from '../assemble-parts.ts'
import type { RuntimePair } from '../parts.ts'

/** An OCI runtime and the monitor that drives it. */
export function makeRuntime(
  base: EngineBase,
  namespace: () => Promise<NamespaceExecutor>,
  { name, monitor: monitorPath, cgroupManager }: { readonly name: string | undefined } & Pick<EngineOptions, 'monitor' | 'cgroupManager'>,
): RuntimePair {
  const found = findRuntime({ rootless: base.rootless, runtime: name, environment: base.environment })
  checkManager(found, cgroupManager)
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

/** Without any control groups, there are none by files either. @throws `ERR_ENGINE_CGROUP_MANAGER` */
function checkManager({ userManager }: FoundRuntime, wanted: EngineOptions['cgroupManager']): void {
  const manager = userManager === undefined ? 'cgroupfs' : 'systemd'
  if (wanted === undefined || wanted === manager) return
  const reason =
    wanted === 'systemd'
      ? "root's are made by the runtime, and a plain user's by the user's systemd only where there is one and control groups are of v2"
      : "a plain user's are made by the user's systemd here: nobody else may"
  throw new EngineError('ERR_ENGINE_CGROUP_MANAGER', `cannot have control groups be made by ${wanted}: ${reason}`, { details: { manager } })
}
