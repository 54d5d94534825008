import type { Clock } from '@podwright/conventions'
import type { Monitor, NamespaceExecutor, PublishedPort, Runtime, Storage, Uplink, UplinkChoice, VolumeStore } from '@podwright/contracts'
import type { UserManager } from '@podwright/linux'
import type { Evidence } from './containers/observe.ts'
import type { EngineEntries } from './options.ts'
import type { EnginePaths } from './paths.ts'
import type { ContainerStore } from './state/container-store.ts'

/** A runtime and the monitor that drives it. */
export interface RuntimePair {
  readonly runtime: Runtime
  readonly monitor: Monitor
  readonly cgroups: 'enabled' | 'disabled'
  /** Who gives a plain user's containers their control groups, where they have any. */
  readonly userManager?: UserManager | undefined
}

/**
 * What the engine is put together from. Each part is made when it is first asked for, so that a command pays for what it uses: `ps` opens
 * one database and loads no storage.
 */
export interface EngineParts {
  readonly paths: EnginePaths
  readonly entries: EngineEntries
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Whether containers live in a user namespace of ours. */
  readonly rootless: boolean
  /** Whether this process is inside it. */
  readonly inside: boolean
  /** Whether this process may be taken out of the session of a login, which its end would take what it starts along with. */
  readonly leavesSession: boolean
  readonly evidence: Evidence
  /** Absolute. @default where everybody has them */
  readonly cdiSpecDirectories?: readonly string[] | undefined
  store(): Promise<ContainerStore>
  storage(): Promise<Storage>
  volumes(): Promise<VolumeStore>
  namespace(): Promise<NamespaceExecutor>
  /** @param name of the runtime that has a container already @default the one for new containers */
  runtime(name?: string): Promise<RuntimePair>
  /**
   * @param ports that are to be published by way of it, on which the program depends @default none
   * @param choice of the program @default by the ports
   */
  uplink(ports?: readonly PublishedPort[], choice?: UplinkChoice): Promise<Uplink>
}
