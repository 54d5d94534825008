import type { CreateProcessOptions, LaunchedMonitor, Monitor, MonitoredContainer, MonitorStarted, Runtime } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { RuntimeSpec } from '@podwright/oci'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RuntimeError } from '../errors.ts'
import { criuFailure } from '../runtime/checkpoint-words.ts'
import { runtimeFailure } from '../runtime/runtime-failure.ts'
import { compiledSeccomp } from '../seccomp/compiled-seccomp.ts'
import { specText } from '../spec/spec-text.ts'
import { createArguments, type MonitorPaths, monitorPaths } from './monitor-arguments.ts'
import { monitorCommand } from './monitor-command.ts'
import { mountOrders } from './mount-orders.ts'
import { openSession } from './monitor-session.ts'
import { readPid } from './pid-file.ts'
import { type SpawnedMonitor, spawnMonitor } from './spawn-monitor.ts'

/** What `createMonitor` builds on. */
export interface MonitorOptions {
  /** Absolute path of conmon, 2.0.20 or newer. */
  readonly path: string
  readonly runtime: Runtime
  /** What conmon reports to syslog and, before it has detached itself, on stderr. @default 'error' */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug' | undefined
  /**
   * A directory of the user's own, best on a tmpfs, in which compiled seccomp filters are kept: it halves the time that crun takes to create
   * a container. @default none are kept
   */
  readonly seccompCacheDirectory?: string | undefined
}

/** A monitor that runs conmon beside each container. */
export function createMonitor(options: MonitorOptions): Monitor {
  return {
    name: 'conmon',
    path: options.path,
    launch: (container, abort = {}) => launch(options, container, abort),
    exec: (container, exec) => openSession(options, container, exec),
  }
}

/** Where the monitor of a bundle listens, and the files with its and the container's pid. */
export function attachPaths(bundle: string): MonitorPaths {
  return monitorPaths(bundle)
}

async function launch(options: MonitorOptions, container: MonitoredContainer, { signal }: AbortOptions): Promise<LaunchedMonitor> {
  signal?.throwIfAborted()
  const { bundle, prefix, mountNamespace = false, exitDirectory, id, descriptors: handedOn } = container
  mkdirSync(exitDirectory, { recursive: true, mode: 0o700 })
  // What a run before has left would be taken for this one's; and should we die before `create`, the runtime must find nothing to run.
  for (const left of [join(exitDirectory, id), monitorPaths(bundle).monitorPidFile, configPath(bundle)]) rmSync(left, { force: true })
  const command = [options.path, ...createArguments(container, options.runtime, options.logLevel ?? 'error')]
  const directory = prefix.length > 0 || mountNamespace ? bundle : undefined
  const monitor = spawnMonitor(monitorCommand(prefix, command, { directory, mountNamespace, handedOn }), {
    directory: bundle,
    environment: container.environment ?? {},
    start: true,
    attach: false,
    mounts: mountNamespace,
    passStdio: container.logDriver === 'passthrough',
    handedOn,
  })
  let created = false
  return {
    mount: (mounts) => monitor.mount(mountOrders(mounts)),
    create(spec, abort = {}) {
      created = true
      return createContainer(options, container, monitor, spec, abort)
    },
    [Symbol.dispose]() {
      if (created) return
      // The end of its pipe would be as good as a word to it.
      monitor.kill()
      monitor.release()
    },
  }
}

async function createContainer(
  { runtime, seccompCacheDirectory }: MonitorOptions,
  container: MonitoredContainer,
  monitor: SpawnedMonitor,
  spec: RuntimeSpec,
  { signal, configDirectory }: CreateProcessOptions,
): Promise<MonitorStarted> {
  const { bundle } = container
  try {
    const compiled = compiledSeccomp(runtime, seccompCacheDirectory)
    const fast = compiled?.apply(spec) ?? spec
    const text = specText(fast)
    // Before there is something to run: a monitor whose pipe ends goes on.
    await monitor.mounted()
    replaceConfig(bundle, text, configDirectory)
    monitor.proceed()
    const answer = await monitor.sync.next()
    await monitor.launched()
    if (answer === undefined) throw new RuntimeError('ERR_MONITOR_FAILED', "the monitor ended before it had told the container's pid")
    if (answer.value <= 0 && container.restore !== undefined) throw criuFailure(runtime.name, container, answer.message)
    if (answer.value <= 0) throw runtimeFailure(runtime.name, answer.message, { container: container.name, command: spec.process.args[0] })
    if (signal?.aborted) {
      await runtime.delete(container.id, { force: true })
      throw signal.reason
    }
    if (fast === spec) compiled?.keep(spec, container.id)
    return { pid: answer.value, monitorPid: readPid(monitorPaths(bundle).monitorPidFile) }
  } finally {
    monitor.release()
  }
}

/** In one step: whoever inspects the container meanwhile, or after a kill, reads the config before or this one. */
function replaceConfig(bundle: string, text: string, directory = bundle): void {
  const path = configPath(bundle)
  if (directory === bundle) writeFileSync(`${path}.part`, text, { mode: 0o600 })
  else {
    writeFileSync(configPath(directory), text, { mode: 0o600 })
    rmSync(`${path}.part`, { force: true })
    symlinkSync(configPath(directory), `${path}.part`)
  }
  renameSync(`${path}.part`, path)
}

function configPath(bundle: string): string {
  return join(bundle, 'config.json')
}
