import type { Containers, StoredImage } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { type Digest, formatPlatform, type HealthcheckConfig } from '@podwright/oci'
import { randomHex } from '@podwright/linux'
import { mkdirSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { wantsAccounts } from '../accounts/wants-accounts.ts'
import { claimImage } from '../images/claim-image.ts'
import type { EngineParts } from '../parts.ts'
import { asksForVolumes, usesVolumes } from '../volumes/uses-volumes.ts'
import { newKeeping, newRotation } from '../state/keeping.ts'
import { drawName } from '../state/names.ts'
import type { ContainerRecord, ContainerSettings } from '../state/record.ts'
import { type BegunStart, beginStart, keepAhead, type StartAhead } from './ahead.ts'
import { beingStarted } from './being-started.ts'
import { checkName } from './check-name.ts'
import { finishCreation, lockCreation } from './creation-lock.ts'
import { checkRootOptions, rootConfig } from './directory-root.ts'
import { containerFiles } from './files.ts'
import { checkJoinedNetwork, isJoined } from './joined-network.ts'
import { requireMountSources } from './mount-sources.ts'
import { nameInUse } from './name-in-use.ts'
import { snapshotOptions } from './require-snapshot.ts'
import { resolveSettings } from './settings.ts'
import { sharesMemory } from './shared-memory.ts'
import { endProcesses } from './sweep.ts'

/** What `create` answers. */
export interface CreatedContainer {
  readonly id: string
  readonly name: string
  readonly warnings: readonly string[]
}

/** Names drawn before we give up; each is free with near certainty. */
const mostDraws = 20

/** Of a container whose root is a directory of the host. */
const noImage = '' as Digest

/** How a container is made. */
export type CreateOptions = Parameters<Containers['create']>[0]

/**
 * Records a container, then makes its snapshot: so the snapshot has an owner from its first moment, and a name is taken before anything is
 * made for it. A crash in between leaves a container without a snapshot, which its first start makes.
 */
export async function createContainer(parts: EngineParts, options: CreateOptions): Promise<CreatedContainer> {
  if (options.name !== undefined) checkName(options.name)
  requireMountSources(options.mounts ?? [])
  checkRootOptions(options)
  if (options.logging !== undefined) await (await import('../logging/check-logging.ts')).checkLogging(parts, options.logging, options)
  const store = await parts.store()
  // Before an image is fetched in vain.
  if (options.name !== undefined && options.replace !== true) refuseTakenName(options.name, store.findByName(options.name)?.id)
  const id = randomHex(32)
  const creation = await lockCreation(parts.paths, id)
  try {
    const { record, image, start, warnings } = await recordContainer(parts, id, options)
    const ahead = await furnish(parts, record, start, options)
    if (ahead !== undefined) keepAhead(ahead)
    finishCreation(creation, options)
    return { id, name: record.name, warnings: [...warnings, ...platformWarnings(options, image)] }
  } catch (error) {
    finishCreation(creation)
    throw error
  }
}

/** Has the image, and the row of a container on it before anybody can take the image away. */
async function recordContainer(
  parts: EngineParts,
  id: string,
  given: CreateOptions,
): Promise<{
  readonly record: ContainerRecord
  readonly image: StoredImage | undefined
  readonly start: BegunStart | undefined
  readonly warnings: readonly string[]
}> {
  const options = given.mounts?.some(({ type }) => type === 'image')
    ? { ...given, mounts: await (await import('../volumes/image-mounts.ts')).fetchMountImages(parts, given) }
    : given
  const pull = { policy: 'missing', platform: options.platform, signal: options.signal, ...options.pull } as const
  using claimed = options.root === undefined ? await claimImage(parts, options.image, pull) : undefined
  const { image, name: imageName = '' } = claimed ?? {}
  if (options !== given) await (await import('../volumes/image-mounts.ts')).requireMountImages(parts, options.mounts ?? [])
  const config = image === undefined ? rootConfig() : await (await parts.storage()).imageConfig(image.id)
  const mounts = asksForVolumes(options, config)
    ? await (await import('../volumes/resolve-mounts.ts')).resolveMounts(parts, options, config)
    : options.mounts
  if (options.seccompPolicy === 'image') (await import('./image-seccomp.ts')).checkImageSeccomp(options, config)
  const network = await checkedNetwork(parts, options)
  const plain = resolveSettings({ ...options, mounts, network }, { id, config, hostHostname: hostname() })
  const resolved = await withHealth(plain, options.health, config.config?.Healthcheck)
  const checked = await checkedSettings(parts, resolved, options)
  if (plain.mounts.some(({ options: words }) => words?.some((word) => word.startsWith('idmap')))) {
    await (await import('../volumes/mapped-mounts.ts')).requireMappable(parts, plain.mounts, checked.settings.idMap)
  }
  const published = asksForPorts(options)
    ? await (await import('./ports/publish-ports.ts')).publishPorts(parts, options, config)
    : undefined
  const secrets =
    options.secrets === undefined
      ? undefined
      : await (await import('../secrets/container-secrets.ts')).resolveSecrets(parts, options.secrets)
  const settings = { ...checked.settings, ...published?.settings, ...(secrets !== undefined && { secrets }) }
  const warnings = [...checked.warnings, ...(published?.warnings ?? [])]
  // Once nothing that can be known before is in the way of the new one.
  if (options.replace === true && options.name !== undefined) await (await import('./replace.ts')).makeRoomFor(parts, options.name, options)
  const record = newRecord(parts, { id, imageId: image?.id ?? noImage, imageName, settings })
  // Volumes, and memory that is shared, are mounted before the monitor has a mount namespace.
  const mountsBefore = usesVolumes(settings) || sharesMemory(settings.tuning)
  const pair = options.startsNext === true && !mountsBefore ? await parts.runtime() : undefined
  const start = pair && (await beginStart(parts, id, pair, options))
  try {
    const row = pair === undefined ? record : { ...record, ...beingStarted(parts, pair) }
    return { record: { ...record, name: await insert(parts, row, options.name) }, image, start, warnings }
  } catch (error) {
    start?.[Symbol.dispose]()
    throw error
  }
}

function asksForPorts({ ports = [], publishAllPorts = false, exposedPorts = [] }: CreateOptions): boolean {
  return ports.length > 0 || publishAllPorts || exposedPorts.length > 0
}

async function checkedNetwork(parts: EngineParts, options: CreateOptions): Promise<CreateOptions['network']> {
  const { network } = options
  return network === undefined || !isJoined(network) ? network : checkJoinedNetwork(parts, network, options)
}

/** With the check that it is given, or its image. */
async function withHealth(
  settings: ContainerSettings,
  given: CreateOptions['health'],
  image: HealthcheckConfig | undefined,
): Promise<ContainerSettings> {
  if (given === undefined && image === undefined) return settings
  const health = (await import('../health/resolve-health.ts')).resolveHealth(given, image)
  return health === undefined ? settings : { ...settings, health }
}

/** With what goes beyond the defaults as the host can have it. */
async function checkedSettings(
  parts: EngineParts,
  settings: ContainerSettings,
  options: CreateOptions,
): Promise<{ readonly settings: ContainerSettings; readonly warnings: readonly string[] }> {
  const { tuning } = settings
  if (tuning === undefined) return { settings, warnings: [] }
  const checked = await (await import('../tuning/check-tuning.ts')).checkTuning(parts, settings, tuning, options)
  return { settings: { ...settings, ...checked.settings, tuning: checked.tuning }, warnings: checked.warnings }
}

/** Makes what a recorded container needs; takes its row back when that fails. */
async function furnish(
  parts: EngineParts,
  record: ContainerRecord,
  start: BegunStart | undefined,
  options: AbortOptions,
): Promise<StartAhead | undefined> {
  const { id, settings } = record
  const storage = await parts.storage()
  const files = containerFiles(parts.paths, id)
  try {
    mkdirSync(files.directory, { recursive: true, mode: 0o700 })
    await start?.launch(record)
    const snapshot = await storage.prepareSnapshot(id, { ...snapshotOptions(record), signal: options.signal })
    if (wantsAccounts(settings)) await (await import('../accounts/add-accounts.ts')).addAccounts(parts, record, snapshot, options)
    if (usesVolumes(settings)) {
      await (await import('../volumes/container-volumes.ts')).prepareVolumes(parts, record, snapshot, options)
    }
    return start?.mount(snapshot)
  } catch (error) {
    start?.[Symbol.dispose]()
    // Its monitor may have just detached itself, and would make files in the directory.
    if (start !== undefined) await endProcesses(parts, files.directory)
    await releaseVolumes(parts, { id, mounts: settings.mounts }).catch(() => undefined)
    await storage.removeSnapshot(id).catch(() => undefined)
    rmSync(files.directory, { recursive: true, force: true })
    await (await parts.store()).remove(id, parts.clock.now())
    rmSync(files.stateLock, { force: true })
    throw error
  }
}

/** Those that were made for it go. */
async function releaseVolumes(parts: EngineParts, subject: Pick<ContainerRecord, 'id' | 'mounts'>): Promise<void> {
  if (!usesVolumes(subject)) return
  await (await import('../volumes/container-volumes.ts')).releaseVolumes(parts, subject, { anonymous: true })
}

function newRecord(
  parts: EngineParts,
  known: Pick<ContainerRecord, 'id' | 'imageId' | 'imageName' | 'settings'>,
): Omit<ContainerRecord, 'name'> {
  const { settings } = known
  return {
    ...known,
    createdAt: parts.clock.now(),
    args: settings.args,
    labels: settings.labels,
    network: settings.network,
    ports: settings.ports ?? [],
    mounts: settings.mounts,
    autoRemove: settings.autoRemove,
    desired: 'created',
    status: 'created',
    pid: 0,
    pidStart: 0,
    monitorPid: 0,
    monitorStart: 0,
    bootId: '',
    exitCode: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    error: undefined,
    runtime: '',
    keeping: newKeeping(settings),
    rotation: newRotation(settings),
  }
}

/** Takes the name and records the container in one step; the database's uniqueness decides between two who want the same. */
async function insert(parts: EngineParts, record: Omit<ContainerRecord, 'name'>, wanted: string | undefined): Promise<string> {
  const store = await parts.store()
  for (let draws = 0; ; draws++) {
    const name = wanted ?? (draws < mostDraws ? drawName() : `${drawName()}_${record.id.slice(0, 6)}`)
    try {
      await store.insert({ ...record, name })
      return name
    } catch (error) {
      if (!isPodwrightError(error, 'ERR_CONTAINER_NAME_IN_USE') || wanted !== undefined || draws > mostDraws) throw error
    }
  }
}

function refuseTakenName(name: string, id: string | undefined): void {
  if (id !== undefined) throw nameInUse(name, id)
}

function platformWarnings({ image: reference, platform: wanted }: CreateOptions, image: StoredImage | undefined): string[] {
  if (image === undefined || wanted !== undefined || image.platform.architecture === hostArchitecture()) return []
  return [`the image ${reference} is for ${formatPlatform(image.platform)}, which this host may not be able to run`]
}

function hostArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}
