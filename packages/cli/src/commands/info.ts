import type { EngineInfo } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { readFormat, shortFormatFlag } from '../command-line/format-flag.ts'
import { type Fact, renderFacts } from '../render/facts.ts'
import { printDocument } from '../render/print-documents.ts'
import { humanSize } from '../render/size.ts'

const defaultLogDriver = 'k8s-file'
const logDrivers = ['k8s-file', 'none', 'passthrough', 'journald']

/** `podwright info` */
export const info: Command = defineCommand({
  name: 'info',
  usage: '[options]',
  summary: 'Show the host, the store and the tools in use',
  flags: { format: shortFormatFlag },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['info', 'info --format json'],
  async run(context, { flags }) {
    const format = readFormat(flags.format)
    const engine = await context.engine()
    const facts = await engine.system.info({ signal: context.signals.signal })
    if (format === 'table') context.stdout.write(renderFacts(textFacts(facts)))
    else
      await printDocument(context.stdout, jsonFacts(facts), {
        format: flags.format,
        typeName: 'Info',
        maps: ['graphStatus'],
        fields: dockerFields(facts),
      })
    return 0
  },
})

function textFacts({ version, host, store, devices, configFiles }: EngineInfo): { readonly [name: string]: Fact } {
  return {
    version,
    host: {
      distribution: host.distribution,
      kernel: host.kernel,
      architecture: host.architecture,
      hostname: host.hostname,
      cpus: host.cpus,
      memory: humanSize(host.memoryBytes),
      cgroups: host.cgroupVersion,
      'log driver': defaultLogDriver,
      rootless: host.rootless ? 'yes' : 'no',
      runtime: toolText(host.runtime),
      monitor: toolText(host.monitor),
      uplink: host.uplink === undefined ? undefined : `${host.uplink.name} (${host.uplink.path})`,
      'uid map': mapLines(host.idMap?.uids),
      'gid map': mapLines(host.idMap?.gids),
    },
    store: {
      root: store.root,
      'run root': store.runRoot,
      driver: store.driver,
      'file system': store.fileSystem,
      images: store.images,
      containers: containersText(store.containers),
    },
    devices: {
      'described in': devices.directories,
      found: devices.devices.map(({ name }) => name),
      'left out': devices.problems.length === 0 ? undefined : devices.problems.map(({ path, message }) => `${path}: ${message}`),
    },
    'config files': configFiles,
  }
}

function mapLines(lines: readonly (readonly number[])[] | undefined): Fact {
  return lines?.map((line) => line.join(' '))
}

function toolText(tool: { readonly name: string; readonly path: string; readonly version: string } | undefined): string {
  return tool === undefined ? "none found; see 'podwright doctor'" : `${tool.name} ${tool.version} (${tool.path})`
}

function containersText({ total, running, paused, stopped }: EngineInfo['store']['containers']): string {
  return `${total} (${running} running, ${paused} paused, ${stopped} stopped)`
}

/** In podman's words. */
function jsonFacts({ version, host, store, devices, configFiles }: EngineInfo): object {
  return {
    devices: {
      cdiSpecDirs: devices.directories,
      found: devices.devices,
      problems: devices.problems,
    },
    host: {
      arch: host.architecture,
      cgroupVersion: host.cgroupVersion,
      conmon: toolFacts(host.monitor),
      cpus: host.cpus,
      distribution: { distribution: host.distribution },
      hostname: host.hostname,
      idMappings: host.idMap && { uidmap: mapFacts(host.idMap.uids), gidmap: mapFacts(host.idMap.gids) },
      kernel: host.kernel,
      logDriver: defaultLogDriver,
      memTotal: host.memoryBytes,
      ociRuntime: toolFacts(host.runtime),
      os: 'linux',
      security: { rootless: host.rootless },
      serviceIsRemote: false,
      uplink: host.uplink && { executable: host.uplink.path, name: host.uplink.name },
    },
    store: {
      configFiles,
      containerStore: {
        number: store.containers.total,
        paused: store.containers.paused,
        running: store.containers.running,
        stopped: store.containers.stopped,
      },
      graphDriverName: store.driver,
      graphRoot: store.root,
      graphStatus: { 'Backing Filesystem': store.fileSystem },
      imageStore: { number: store.images },
      runRoot: store.runRoot,
    },
    plugins: { volume: ['local'], log: logDrivers, authorization: null },
    version: { Version: version },
  }
}

/** What docker's templates ask for. */
function dockerFields({ version, host, store, devices }: EngineInfo): Readonly<Record<string, () => unknown>> {
  const { containers } = store
  return {
    Architecture: () => host.architecture,
    CgroupVersion: () => host.cgroupVersion,
    Containers: () => containers.total,
    ContainersPaused: () => containers.paused,
    ContainersRunning: () => containers.running,
    CDISpecDirs: () => devices.directories,
    ContainersStopped: () => containers.stopped,
    DefaultRuntime: () => host.runtime?.name ?? '',
    DockerRootDir: () => store.root,
    DiscoveredDevices: () => devices.devices.map(({ name }) => ({ Source: 'cdi', ID: name })),
    Driver: () => store.driver,
    Images: () => store.images,
    LoggingDriver: () => defaultLogDriver,
    KernelVersion: () => host.kernel,
    MemTotal: () => host.memoryBytes,
    NCPU: () => host.cpus,
    Name: () => host.hostname,
    OSType: () => 'linux',
    OperatingSystem: () => host.distribution,
    SecurityOptions: () => (host.rootless ? ['name=rootless'] : []),
    ServerVersion: () => version,
  }
}

function toolFacts(tool: EngineInfo['host']['runtime']): object | undefined {
  return tool && { name: tool.name, path: tool.path, version: tool.version }
}

function mapFacts(lines: readonly (readonly [number, number, number])[]): readonly object[] {
  return lines.map(([container_id, host_id, size]) => ({ container_id, host_id, size }))
}
