import type { Monitor, MonitoredContainer, MonitorStarted, Runtime } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { RuntimeSpec } from '@podwright/oci'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RuntimeError } from '../errors.ts'
import { runtimeFailure } from '../runtime/runtime-failure.ts'
import { compiledSeccomp } from '../seccomp/compiled-seccomp.ts'
import { specText } from '../spec/spec-text.ts'
import { createArguments, type MonitorPaths, monitorPaths } from './monitor-arguments.ts'
import { monitorCommand } from './monitor-command.ts'
import { openSession } from './monitor-session.ts'
import { readPid } from './pid-file.ts'
import { spawnMonitor } from './spawn-monitor.ts'

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
    create: (container, spec, abort = {}) => createContainer(options, container, spec, abort),
    exec: (container, exec) => openSession(options, container, exec),
  }
}

/** Where the monitor of a bundle listens, and the files with its and the container's pid. */
export function attachPaths(bundle: string): MonitorPaths {
  return monitorPaths(bundle)
}

async function createContainer(
  { path, runtime, logLevel = 'error', seccompCacheDirectory }: MonitorOptions,
  container: MonitoredContainer,
  spec: RuntimeSpec,
  { signal }: AbortOptions,
): Promise<MonitorStarted> {
  signal?.throwIfAborted()
  const { bundle, prefix, mounts = [] } = container
  const paths = monitorPaths(bundle)
  const compiled = compiledSeccomp(runtime, seccompCacheDirectory)
  const fast = (await compiled?.apply(spec)) ?? spec
  await Promise.all([
    writeFile(join(bundle, 'config.json'), specText(fast), { mode: 0o600 }),
    mkdir(container.exitDirectory, { recursive: true, mode: 0o700 }),
    // What a run before has left would be taken for this one's.
    rm(join(container.exitDirectory, container.id), { force: true }),
    rm(paths.monitorPidFile, { force: true }),
  ])
  const command = [path, ...createArguments(container, runtime, logLevel)]
  const directory = prefix.length > 0 || mounts.length > 0 ? bundle : undefined
  const monitor = await spawnMonitor(monitorCommand(prefix, mounts, command, { directory }), {
    directory: bundle,
    environment: container.environment ?? {},
    start: false,
    attach: false,
  })
  try {
    await monitor.launched()
    const answer = await monitor.sync.next()
    if (answer === undefined) throw new RuntimeError('ERR_MONITOR_FAILED', 'the monitor ended before it had told the container’s pid')
    if (answer.value <= 0) throw runtimeFailure(runtime.name, answer.message, { container: container.name, command: spec.process.args[0] })
    if (signal?.aborted) {
      await runtime.delete(container.id, { force: true })
      throw signal.reason
    }
    if (fast === spec) await compiled?.keep(spec, container.id)
    return { pid: answer.value, monitorPid: await readPid(paths.monitorPidFile) }
  } finally {
    monitor.release()
  }
}
