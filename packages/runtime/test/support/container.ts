import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Monitor, MonitoredContainer, MonitorStarted, MountSpec, Runtime } from '@podwright/contracts'
import type { RuntimeSpec } from '@podwright/oci'
import {
  attachPaths,
  createMonitor,
  createRuntime,
  findMonitor,
  findRuntime,
  generateSpec,
  loadSeccompProfile,
  readExit,
  readHostFacts,
  type SpecInput,
  waitExit,
} from '../../src/index.ts'
import type { Ground } from './host.ts'

/** What a test wants of a container. */
export interface Wish {
  readonly command: readonly string[]
  readonly terminal?: boolean
  readonly stdin?: boolean
  readonly input?: Partial<Omit<SpecInput, 'process'>>
  readonly process?: Partial<SpecInput['process']>
  readonly container?: Partial<MonitoredContainer>
  /** @default none, and no mount namespace for them */
  readonly mounts?: readonly MountSpec[]
}

/** A container of real parts. */
export interface RealContainer extends AsyncDisposable {
  readonly id: string
  readonly runtime: Runtime
  readonly monitor: Monitor
  readonly spec: RuntimeSpec
  readonly bundle: string
  readonly container: MonitoredContainer
  readonly paths: ReturnType<typeof attachPaths>
  create(): Promise<MonitorStarted>
  start(): Promise<void>
  wait(): Promise<number>
  log(): string
}

export async function makeContainer(ground: Ground, runtimeName: string, wish: Wish): Promise<RealContainer> {
  const id = randomBytes(32).toString('hex')
  const rootless = ground.mode === 'rootless'
  const found = findRuntime({ rootless, runtime: runtimeName })
  const runtime = createRuntime({
    name: runtimeName,
    path: found.path,
    root: join(ground.directory, `${runtimeName}-root`),
    rootless,
    cgroups: found.cgroups,
    prefix: async () => ground.prefix,
  })
  const monitor = createMonitor({ path: findMonitor().path, runtime, seccompCacheDirectory: join(ground.directory, 'seccomp') })
  const bundle = ground.makeDirectory(id)
  const exitDirectory = ground.makeDirectory(`${id}-exits`)
  const { spec } = generateSpec({
    id,
    host: readHostFacts({ rootless }),
    rootfs: ground.rootfs,
    security: { seccomp: await loadSeccompProfile() },
    resources: { cgroups: found.cgroups, ...(found.cgroups === 'enabled' ? { cgroupsPath: `/podwright-test/${id}` } : {}) },
    namespaces: { network: 'none' },
    ...wish.input,
    process: {
      command: wish.command,
      terminal: wish.terminal ?? false,
      passwd: readFileSync(join(ground.rootfs, 'etc/passwd'), 'utf8'),
      group: readFileSync(join(ground.rootfs, 'etc/group'), 'utf8'),
      ...wish.process,
    },
  })
  const container: MonitoredContainer = {
    id,
    name: `test-${id.slice(0, 8)}`,
    bundle,
    logPath: join(bundle, 'ctr.log'),
    logDriver: 'k8s-file',
    exitDirectory,
    terminal: wish.terminal ?? false,
    stdin: wish.stdin ?? false,
    leaveStdinOpen: false,
    prefix: ground.prefix,
    ...wish.container,
  }
  return {
    id,
    runtime,
    monitor,
    spec,
    bundle,
    container,
    paths: attachPaths(bundle),
    create: async () => {
      const launched = await monitor.launch({ ...container, mountNamespace: wish.mounts !== undefined })
      if (wish.mounts !== undefined) launched.mount(wish.mounts)
      return launched.create(spec)
    },
    start: () => runtime.start(id),
    wait: async () => (await waitExit(exitDirectory, id)).exitCode,
    log: () => readFileSync(container.logPath, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      if (readExit(exitDirectory, id) === undefined) await runtime.kill(id, 9).catch(() => {})
      await runtime.delete(id, { force: true }).catch(() => {})
      // A monitor that is about to end may just be writing a file there.
      for (const path of [bundle, exitDirectory]) rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 10 })
    },
  }
}
