import type { EngineInfo, IdMapping } from '@podwright/contracts'
import { kernelVersion, probeCgroups, probeFileSystem, probeMemory, probeSecurity, readDistribution } from '@podwright/linux'
import { defaultCapabilities, findMonitor, findRuntime } from '@podwright/runtime'
import { availableParallelism, hostname, uptime } from 'node:os'
import { join } from 'node:path'
import { observe } from '../containers/observe.ts'
import type { EngineOptions } from '../options.ts'
import type { EngineParts } from '../parts.ts'
import { engineVersion } from '../version.ts'
import { toolVersion } from './tool-version.ts'

type Host = EngineInfo['host']

/** Everything that `info` tells. A part of the host that is missing is left out; `doctor` says what to do about it. */
export async function readInfo(parts: EngineParts, options: EngineOptions): Promise<EngineInfo> {
  const storage = await parts.storage()
  const idMap = (await parts.namespace()).idMap()
  const { loadRegistriesConfig } = await import('@podwright/distribution')
  const registries = await loadRegistriesConfig()
  const place = probeFileSystem(parts.paths.root)
  return {
    version: engineVersion,
    host: {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      kernel: kernelVersion().release,
      distribution: readDistribution().prettyName,
      hostname: hostname(),
      cpus: availableParallelism(),
      ...memoryFacts(),
      uptimeSeconds: Math.floor(uptime()),
      ...(await cgroupFacts(parts)),
      security: securityFacts(),
      rootless: parts.rootless,
      ...(await describeTools(parts, options)),
      idMap: idMap === undefined ? undefined : { uids: idMap.uids.map(triple), gids: idMap.gids.map(triple) },
    },
    store: {
      root: parts.paths.root,
      runRoot: parts.paths.runRoot,
      driver: storage.driverName(),
      fileSystem: place?.type ?? 'unknown',
      totalBytes: place?.sizeBytes ?? 0,
      usedBytes: (place?.sizeBytes ?? 0) - (place?.availableBytes ?? 0),
      volumes: join(parts.paths.root, 'volumes'),
      images: storage.listImages().length,
      containers: await countContainers(parts),
    },
    devices: await (await import('../devices/list-devices.ts')).listDevices(parts),
    configFiles: registries.files,
    searchRegistries: registries.unqualifiedSearchRegistries,
  }
}

function memoryFacts(): Pick<Host, 'memoryBytes' | 'memoryFreeBytes' | 'swapTotalBytes' | 'swapFreeBytes'> {
  const { totalBytes, availableBytes, swapTotalBytes, swapFreeBytes } = probeMemory()
  return { memoryBytes: totalBytes, memoryFreeBytes: availableBytes, swapTotalBytes, swapFreeBytes }
}

async function cgroupFacts(parts: EngineParts): Promise<Pick<Host, 'cgroupVersion' | 'cgroupManager' | 'cgroupControllers'>> {
  const { mode, controllers } = probeCgroups()
  // Where there is no runtime, nobody makes any.
  const pair = await parts.runtime().catch(() => undefined)
  const cgroupManager = pair?.cgroups !== 'enabled' ? 'none' : pair.userManager === undefined ? 'cgroupfs' : 'systemd'
  return { cgroupVersion: mode, cgroupManager, cgroupControllers: cgroupManager === 'none' ? [] : controllers }
}

function securityFacts(): Host['security'] {
  const { appArmor, seccomp, selinux } = probeSecurity()
  return { appArmor, seccomp, selinux: selinux !== 'disabled', capabilities: defaultCapabilities }
}

async function describeTools(parts: EngineParts, options: EngineOptions): Promise<Pick<Host, 'runtime' | 'monitor' | 'uplink'>> {
  const runtime = ifAny(() => findRuntime({ rootless: parts.rootless, runtime: options.runtime }))
  const monitor = ifAny(() => findMonitor({ path: options.monitor }))
  const { findUplinkProgram } = await import('@podwright/network')
  const versioned = async (tool: { name: string; path: string } | undefined): Promise<Host['runtime']> =>
    tool === undefined ? undefined : { name: tool.name, path: tool.path, version: await toolVersion(tool.path) }
  return {
    runtime: await versioned(runtime),
    monitor: await versioned(monitor),
    uplink: findUplinkProgram(),
  }
}

function ifAny<Found>(find: () => Found): Found | undefined {
  try {
    return find()
  } catch {
    return undefined
  }
}

async function countContainers(parts: EngineParts): Promise<EngineInfo['store']['containers']> {
  const statuses = (await parts.store()).list().map((row) => observe(row, parts.evidence).status)
  const count = (status: string): number => statuses.filter((other) => other === status).length
  const running = count('running') + count('stopping')
  const paused = count('paused')
  return { total: statuses.length, running, paused, stopped: statuses.length - running - paused }
}

function triple(mapping: IdMapping): readonly [number, number, number] {
  return [mapping.containerId, mapping.hostId, mapping.size]
}
