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
      cgroups:
        host.cgroupManager === 'none' ? `${host.cgroupVersion}, none for containers` : `${host.cgroupVersion}, ${host.cgroupManager}`,
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
function jsonFacts({ version, host, store, devices, configFiles, searchRegistries }: EngineInfo): object {
  return {
    devices: {
      cdiSpecDirs: devices.directories,
      found: devices.devices,
      problems: devices.problems,
    },
    host: {
      arch: host.architecture,
      cgroupControllers: host.cgroupControllers,
      cgroupManager: host.cgroupManager === 'none' ? '' : host.cgroupManager,
      cgroupVersion: host.cgroupVersion,
      conmon: toolFacts(host.monitor),
      cpus: host.cpus,
      databaseBackend: 'sqlite',
      distribution: { distribution: host.distribution },
      eventLogger: 'database',
      hostname: host.hostname,
      idMappings: host.idMap && { uidmap: mapFacts(host.idMap.uids), gidmap: mapFacts(host.idMap.gids) },
      kernel: host.kernel,
      logDriver: defaultLogDriver,
      memFree: host.memoryFreeBytes,
      memTotal: host.memoryBytes,
      ociRuntime: toolFacts(host.runtime),
      os: 'linux',
      security: {
        apparmorEnabled: host.security.appArmor,
        capabilities: host.security.capabilities.join(','),
        rootless: host.rootless,
        seccompEnabled: host.security.seccomp,
        selinuxEnabled: host.security.selinux,
      },
      serviceIsRemote: false,
      swapFree: host.swapFreeBytes,
      swapTotal: host.swapTotalBytes,
      uplink: host.uplink && { executable: host.uplink.path, name: host.uplink.name },
      uptime: uptimeText(host.uptimeSeconds),
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
      graphRootAllocated: store.totalBytes,
      graphRootUsed: store.usedBytes,
      graphStatus: { 'Backing Filesystem': store.fileSystem },
      imageStore: { number: store.images },
      runRoot: store.runRoot,
      transientStore: false,
      volumePath: store.volumes,
    },
    plugins: { volume: ['local'], log: logDrivers, authorization: null },
    registries: searchRegistries.length > 0 ? { search: searchRegistries } : {},
    version: { Version: version },
  }
}

/** What docker's templates ask for. */
function dockerFields({ version, host, store, devices }: EngineInfo): Readonly<Record<string, () => unknown>> {
  const { containers } = store
  const limits = (controller: string): boolean => host.cgroupControllers.includes(controller)
  return {
    Architecture: () => host.architecture,
    CgroupDriver: () => host.cgroupManager,
    CgroupVersion: () => (host.cgroupVersion === 'v2' ? '2' : '1'),
    Containers: () => containers.total,
    ContainersPaused: () => containers.paused,
    ContainersRunning: () => containers.running,
    CPUSet: () => limits('cpuset'),
    CPUShares: () => limits('cpu'),
    CpuCfsPeriod: () => limits('cpu'),
    CpuCfsQuota: () => limits('cpu'),
    CDISpecDirs: () => devices.directories,
    ContainersStopped: () => containers.stopped,
    DefaultRuntime: () => host.runtime?.name ?? '',
    DockerRootDir: () => store.root,
    DiscoveredDevices: () => devices.devices.map(({ name }) => ({ Source: 'cdi', ID: name })),
    Driver: () => store.driver,
    Images: () => store.images,
    LoggingDriver: () => defaultLogDriver,
    KernelVersion: () => host.kernel,
    MemoryLimit: () => limits('memory'),
    PidsLimit: () => limits('pids'),
    MemTotal: () => host.memoryBytes,
    NCPU: () => host.cpus,
    Name: () => host.hostname,
    OSType: () => 'linux',
    OperatingSystem: () => host.distribution,
    SecurityOptions: () => securityOptions(host),
    ServerVersion: () => version,
  }
}

/** docker's words. */
function securityOptions({ security, rootless, cgroupVersion }: EngineInfo['host']): readonly string[] {
  return [
    ...(security.appArmor ? ['name=apparmor'] : []),
    ...(security.seccomp ? ['name=seccomp,profile=builtin'] : []),
    ...(security.selinux ? ['name=selinux'] : []),
    ...(rootless ? ['name=rootless'] : []),
    ...(cgroupVersion === 'v2' ? ['name=cgroupns'] : []),
  ]
}

/** As podman: `49h 2m 3.00s (Approximately 2.04 days)`, from a day on. */
function uptimeText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  const text = `${hours}h ${minutes}m ${(seconds % 60).toFixed(2)}s`
  return hours < 24 ? text : `${text} (Approximately ${(seconds / 86_400).toFixed(2)} days)`
}

function toolFacts(tool: EngineInfo['host']['runtime']): object | undefined {
  return tool && { name: tool.name, path: tool.path, version: tool.version }
}

function mapFacts(lines: readonly (readonly [number, number, number])[]): readonly object[] {
  return lines.map(([container_id, host_id, size]) => ({ container_id, host_id, size }))
}
