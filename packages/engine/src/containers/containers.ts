import type {
  PortMapping,
  PublishedPort,
  AttachEnd,
  AttachStreams,
  ContainerDetails,
  ContainerOptions,
  Containers,
  ContainerSummary,
  LogEntry,
  LogOptions,
} from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { existsSync } from 'node:fs'
import { randomHex } from '@podwright/linux'
import type { EngineParts } from '../parts.ts'
import { isKept } from '../state/keeping.ts'
import type { ContainerRecord, ContainerRow, ContainerSettings } from '../state/record.ts'
import { containerFiles } from './files.ts'
import { checkpointTimes } from './checkpoint-files.ts'
import { usesVolumes } from '../volumes/uses-volumes.ts'
import { lookUpContainer } from './lookup.ts'
import { observe, stateOf } from './observe.ts'

/**
 * The engine's containers. What a method needs is loaded when it is called: `list` must not pay for what `create` uses.
 */
export function createContainers(parts: EngineParts): Containers {
  const note = async (id: string, action: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> =>
    (await parts.store()).noteContainer(id, { action, time: parts.clock.now(), attributes })
  const look = async (reference: string): Promise<ContainerRecord> => {
    const record = lookUpContainer(await parts.store(), reference)
    // Its keeper may have been killed.
    if (isKept(record)) await keepOn(parts, [record])
    return record
  }
  return {
    create: async (options) => (await import('./create.ts')).createContainer(parts, options),
    start: async (reference, options = {}) => {
      const record = await look(reference)
      if (record.settings.tuning?.requires !== undefined) await (await import('./requires.ts')).startRequired(parts, record, options)
      return (await import('./start.ts')).startContainer(parts, record.id, options)
    },
    initialize: async (reference, options = {}) => {
      const record = await look(reference)
      if (record.settings.tuning?.requires !== undefined) await (await import('./requires.ts')).startRequired(parts, record, options)
      return (await import('./initialize.ts')).initializeContainer(parts, record.id, options)
    },
    attach: async (reference, streams, options = {}) => {
      const record = await look(reference)
      await note(record.id, 'attach')
      return attachTo(parts, record, streams, options)
    },
    exec: async (reference, options) => {
      const record = await look(reference)
      const { execInContainer } = await import('./exec.ts')
      const end = await execInContainer(parts, record, options)
      if (end?.type === 'exited') await note(record.id, 'exec_died', { exitCode: String(end.exitCode) })
      return end
    },
    list: (options = {}) => listContainers(parts, options.all ?? false),
    exists: async (reference) => {
      try {
        await look(reference)
        return true
      } catch (error) {
        if (isPodwrightError(error, 'ERR_CONTAINER_NOT_FOUND')) return false
        throw error
      }
    },
    inspect: async (reference) => inspectContainer(parts, await look(reference)),
    logs: (reference, options = {}) => readLogs(parts, reference, options),
    stop: async (reference, options = {}) => (await import('./signal.ts')).stopContainer(parts, (await look(reference)).id, options),
    restart: async (reference, options = {}) => (await import('./restart.ts')).restartContainer(parts, (await look(reference)).id, options),
    rename: async (reference, name, options = {}) =>
      (await import('./rename.ts')).renameContainer(parts, (await look(reference)).id, name, options),
    pause: async (reference, options = {}) => (await import('./pause.ts')).pauseContainer(parts, (await look(reference)).id, options),
    unpause: async (reference, options = {}) => (await import('./pause.ts')).unpauseContainer(parts, (await look(reference)).id, options),
    checkpoint: async (reference, options = {}) =>
      (await import('./checkpoint.ts')).checkpointContainer(parts, (await look(reference)).id, options),
    restore: async (reference, options = {}) =>
      (await import('./checkpoint.ts')).restoreContainer(parts, (await look(reference)).id, options),
    update: async (reference, change, options = {}) =>
      (await import('./update.ts')).updateContainer(parts, (await look(reference)).id, change, options),
    processes: async (reference) => (await import('./processes/list-processes.ts')).listProcesses(parts, await look(reference)),
    stats: async (reference) => (await import('./stats/read-stats.ts')).readStats(parts, await look(reference)),
    kill: async (reference, { killSignal = 'SIGKILL' } = {}) => {
      const record = await look(reference)
      await (await import('./signal.ts')).signalContainer(parts, record, killSignal)
      await note(record.id, 'kill', { signal: String(killSignal) })
    },
    checkHealth: async (reference, options = {}) => {
      const record = await look(reference)
      const sessionDirectory = `${containerFiles(parts.paths, record.id).execDirectory}/check-${randomHex(4)}`
      const { result, after } = await (await import('../health/check-now.ts')).checkNow(parts, record, { ...options, sessionDirectory })
      return { ...result, status: after?.status ?? 'starting', failingStreak: after?.failingStreak ?? 0 }
    },
    wait: async (reference, options = {}) => (await import('./wait.ts')).awaitExit(parts, (await look(reference)).id, options),
    remove: async (reference, { dependents, ...options } = {}) => {
      const { id } = await look(reference)
      await (await import('./remove.ts')).removeContainer(parts, id, { ...options, ...(dependents === true && { dependents: 'remove' }) })
      return id
    },
    prune: async (options = {}) => (await import('./prune.ts')).pruneContainers(parts, options),
    commit: async (reference, options = {}) => {
      const { id } = await look(reference)
      const image = await (await import('./commit.ts')).commitContainer(parts, reference, options)
      await note(id, 'commit', { imageId: image.id })
      return image
    },
    export: async function* exportTree(reference, options = {}) {
      const { id } = await look(reference)
      yield* (await import('./tree.ts')).exportContainer(parts, reference, options)
      await note(id, 'export')
    },
    files: async (reference, options = {}) => (await import('./container-files.ts')).openContainerFiles(parts, reference, options),
    changes: async (reference, options = {}) => (await import('./tree.ts')).containerChanges(parts, reference, options),
    cleanup: async (reference, options = {}) =>
      (await import('./wait.ts')).finish(parts, lookUpContainer(await parts.store(), reference).id, options),
  }
}

/** Starts a keeper when one is needed and there is none. */
async function keepOn(parts: EngineParts, rows: readonly ContainerRow[]): Promise<void> {
  const { needsKeeper, startKeeper } = await import('../keeper/start-keeper.ts')
  if (rows.some(needsKeeper)) startKeeper(parts)
}

/** The clean-up that a monitor starts needs a moment; only what it failed to do is left to whoever comes by. */
const cleanupPatienceMs = 2_000

async function listContainers(parts: EngineParts, all: boolean): Promise<readonly ContainerSummary[]> {
  const store = await parts.store()
  const rows = store.list()
  if (rows.some(isKept)) await keepOn(parts, rows)
  const summaries: ContainerSummary[] = []
  for (const found of rows) {
    const row = found.status === 'initialized' ? await undoIfInterrupted(parts, found) : found
    if (row === undefined) continue
    const observation = observe(row, parts.evidence)
    const overdue = observation.needsCleanup && parts.clock.now() - (observation.finishedAt ?? 0) > cleanupPatienceMs
    if (overdue && (await reconcile(parts, row))) continue
    const summary = { ...summaryOf(row), state: stateOf(row, observation) }
    const { status, restartAt } = summary.state
    if (all || status === 'running' || status === 'paused' || restartAt !== undefined) summaries.push(summary)
  }
  return summaries
}

/** What is true of a container that is being started, or was when its starter was killed; undefined when it is gone. */
async function undoIfInterrupted(parts: EngineParts, row: ContainerRow): Promise<ContainerRow | undefined> {
  await (await import('./sweep.ts')).recoverInterrupted(parts, row.id)
  return (await parts.store()).find(row.id)
}

/** Gives back what an ended container held, when nobody is at it; whether the container is gone by that. */
async function reconcile(parts: EngineParts, row: ContainerRow): Promise<boolean> {
  const { finishIfFree } = await import('./wait.ts')
  await finishIfFree(parts, row.id)
  return (await parts.store()).find(row.id) === undefined
}

async function inspectContainer(parts: EngineParts, record: ContainerRecord): Promise<ContainerDetails> {
  const { readSpec } = await import('./bundle.ts')
  const files = containerFiles(parts.paths, record.id)
  const logging = record.settings.logging && (await import('../logging/describe-logging.ts')).describeLogging(record, files)
  const storage = await parts.storage()
  const snapshot = await storage.snapshot(record.id)
  const { health } = record.settings
  return {
    ...summaryOf(record),
    state: {
      ...stateOf(record, observe(record, parts.evidence)),
      oomKilled: existsSync(files.oomFile),
      checkpoint: checkpointTimes(record, files),
    },
    ...(health !== undefined && { healthCheck: health, healthLog: (await parts.store()).healthLog(record.id, record.startedAt ?? 0) }),
    options: optionsOf(record.imageName, record.name, record.settings),
    spec: readSpec(files, record.settings),
    paths: {
      bundle: files.directory,
      rootfs: snapshot?.rootfs ?? '',
      log: logging?.file ?? (logging === undefined ? files.log : ''),
      exitFile: files.exitFile,
      monitorPidFile: files.monitorPidFile,
    },
    runtime: record.runtime,
    driver: storage.driverName(),
    volumes: await attachedVolumes(parts, record),
    ...(logging !== undefined && { logDetails: logging.details }),
  }
}

async function attachedVolumes(parts: EngineParts, record: ContainerRecord): Promise<ContainerDetails['volumes']> {
  if (!usesVolumes(record)) return []
  return (await import('../volumes/attached-volumes.ts')).attachedVolumes(parts, record)
}

async function attachTo(parts: EngineParts, record: ContainerRecord, streams: AttachStreams, options: AbortOptions): Promise<AttachEnd> {
  const { attachToContainer } = await import('./attach.ts')
  return attachToContainer(parts, record, streams, options)
}

/** Opened when somebody reads, and then handed through as it is: a generator around it would cost at each line. */
function readLogs(parts: EngineParts, reference: string, options: LogOptions): ReturnType<Containers['logs']> {
  const open = async (): Promise<AsyncIterator<LogEntry>> => {
    const { readContainerLog } = await import('../logging/read-container-log.ts')
    return (await readContainerLog(parts, lookUpContainer(await parts.store(), reference), options))[Symbol.asyncIterator]()
  }
  return {
    [Symbol.asyncIterator]() {
      let entries: AsyncIterator<LogEntry> | undefined
      return {
        next: async () => (entries ??= await open()).next(),
        return: async () => (await entries?.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}

function summaryOf(row: ContainerRow): Omit<ContainerSummary, 'state'> {
  return {
    id: row.id,
    name: row.name,
    imageName: row.imageName,
    imageId: row.imageId,
    command: row.args,
    createdAt: new Date(row.createdAt),
    labels: row.labels,
    network: row.network,
    ports: row.ports,
    mounts: row.mounts,
    ...(row.keeping !== undefined && { restart: row.keeping.restart }),
  }
}

/** The options that would make the container again, with the image's defaults in them. */
function optionsOf(image: string, name: string, settings: ContainerSettings): ContainerOptions {
  const { args: _args, environment, tuning, ports, idMap: _idMap, secrets, ...rest } = settings
  const variables = environment.map((variable) => {
    const at = variable.indexOf('=')
    return [variable.slice(0, at), variable.slice(at + 1)] as const
  })
  return {
    ...rest,
    ...tuning,
    ...(ports !== undefined && { ports: askedPorts(ports) }),
    ...(secrets !== undefined && { secrets: secrets.map(({ id: _id, ...secret }) => secret) }),
    image,
    name,
    environment: Object.fromEntries(variables),
  }
}

/** Without the numbers that were chosen: another container would get others. */
function askedPorts(ports: readonly PublishedPort[]): readonly PortMapping[] {
  return ports.map(({ chosen = false, hostPort, ...mapping }) => (chosen ? mapping : { ...mapping, hostPort }))
}
