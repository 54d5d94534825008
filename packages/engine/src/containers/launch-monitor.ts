import type { LaunchedMonitor, MonitoredContainer } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts, RuntimePair } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { cleanupCommand } from './cleanup-command.ts'
import type { ContainerFiles } from './files.ts'
import { relayedSocket } from './notify.ts'

/** What the monitor needs to know of a container. */
export async function monitoredContainer(
  parts: EngineParts,
  pair: RuntimePair,
  record: ContainerRecord,
  files: ContainerFiles,
): Promise<MonitoredContainer> {
  const { settings } = record
  return {
    id: record.id,
    name: record.name,
    bundle: files.directory,
    ...(settings.logging === undefined
      ? { logPath: files.log, logDriver: 'k8s-file' as const }
      : (await import('../logging/log-target.ts')).logTarget(record, files)),
    exitDirectory: files.exitDirectory,
    terminal: settings.terminal,
    stdin: settings.stdin,
    leaveStdinOpen: settings.stdin && settings.terminal,
    timeLimitSeconds: settings.tuning?.timeLimitSeconds,
    notifySocket: relayedSocket(parts, settings),
    prefix: await (await parts.namespace()).prefix(),
    environment: pair.userManager?.environment,
  }
}

/** Launches the monitor of a container, in a mount namespace of its own. Its row says that it is being started. */
export async function launchMonitor(
  parts: EngineParts,
  pair: RuntimePair,
  record: ContainerRecord,
  files: ContainerFiles,
  { restore, descriptors, ...options }: AbortOptions & Pick<MonitoredContainer, 'restore' | 'descriptors'> = {},
): Promise<LaunchedMonitor> {
  const container = await monitoredContainer(parts, pair, record, files)
  const exitCommand = cleanupCommand(parts, pair.runtime, files, record)
  const wish = { ...(restore !== undefined && { restore }), ...(descriptors !== undefined && { descriptors }) }
  return pair.monitor.launch({ ...container, exitCommand, mountNamespace: true, ...wish }, options)
}
