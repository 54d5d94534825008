import type { ContainerDetails, ContainerMount, ContainerResources, VolumesFrom } from '@podwright/contracts'
import { portBindings } from './ports/port-texts.ts'
import { deviceRequests } from './device-requests.ts'
import { namespaceWord } from './tuning/namespaces.ts'
import { logConfig } from './logging/log-config.ts'

/** The HostConfig of `inspect`: what is asked of the host, in docker's and podman's words. */
export function hostConfig({ options, paths, network, ports, spec }: ContainerDetails): object {
  const mounts = options.mounts ?? []
  return {
    Binds: mounts.filter(({ type, volume }) => type === 'bind' || (type === 'volume' && volume?.anonymous !== true)).map(bindText),
    Tmpfs: Object.fromEntries(mounts.filter(({ type }) => type === 'tmpfs').map((mount) => [mount.target, tmpfsText(mount)])),
    ContainerIDFile: '',
    LogConfig: logConfig(options.logging, paths.log),
    NetworkMode: options.uplink?.program ?? network,
    PortBindings: portBindings(ports),
    RestartPolicy: { Name: options.restart?.name ?? 'no', MaximumRetryCount: options.restart?.maximumRetries ?? 0 },
    AutoRemove: options.autoRemove === true,
    VolumeDriver: options.volumeDriver ?? '',
    VolumesFrom: options.volumesFrom?.map(volumesFromText) ?? null,
    CapAdd: options.capabilitiesAdd ?? [],
    CapDrop: options.capabilitiesDrop ?? [],
    Dns: options.nameServers === 'none' ? ['none'] : (options.nameServers ?? []),
    DnsOptions: options.resolverOptions ?? [],
    DnsSearch: options.searchDomains ?? [],
    ExtraHosts: (options.extraHosts ?? []).map(({ name, address }) => `${name}:${address}`),
    GroupAdd: options.keepGroups === true ? ['keep-groups'] : (options.additionalGroups ?? []),
    IpcMode: namespaceWord(options.ipcNamespace ?? 'private'),
    Cgroup: '',
    CgroupParent: options.cgroupParent ?? '',
    CgroupConf: options.resources?.unified ?? null,
    Links: null,
    OomScoreAdj: spec?.process.oomScoreAdj ?? options.oomScoreAdj ?? 0,
    PidMode: namespaceWord(options.pidNamespace ?? 'private'),
    Privileged: options.privileged === true,
    PublishAllPorts: options.publishAllPorts === true,
    ReadonlyRootfs: options.readOnlyRoot === true,
    SecurityOpt: securityTexts(options),
    UTSMode: namespaceWord(options.utsNamespace ?? 'private'),
    CgroupMode: cgroupMode(options.cgroupNamespace, spec),
    CgroupnsMode: cgroupMode(options.cgroupNamespace, spec),
    UsernsMode: spec?.linux.uidMappings === undefined ? '' : 'private',
    ...(spec?.linux.uidMappings !== undefined && {
      IDMappings: { UidMap: mapTexts(spec.linux.uidMappings), GidMap: mapTexts(spec.linux.gidMappings ?? []) },
    }),
    Runtime: 'oci',
    Isolation: '',
    Devices: (options.devices ?? []).map(({ source, target = source, access = 'rwm' }) => ({
      PathOnHost: source,
      PathInContainer: target,
      CgroupPermissions: access,
    })),
    DeviceCgroupRules: options.deviceRules ?? null,
    DeviceRequests: deviceRequests(options),
    ShmSize: options.ipcNamespace === 'none' ? 0 : (options.shmSizeBytes ?? 65_536_000),
    Sysctls: options.sysctls ?? {},
    ...limits(options.resources ?? {}, spec),
    Ulimits: (options.resourceLimits ?? []).map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    Init: options.init !== undefined,
    MaskedPaths: spec?.linux.maskedPaths ?? [],
    ReadonlyPaths: spec?.linux.readonlyPaths ?? [],
  }
}

/** What was asked for where that is another's; else `private`, or the host's. */
function cgroupMode(asked: ContainerDetails['options']['cgroupNamespace'], spec: ContainerDetails['spec']): string {
  if (typeof asked === 'object') return namespaceWord(asked)
  return spec === undefined ? '' : spec.linux.namespaces.some(({ type }) => type === 'cgroup') ? 'private' : 'host'
}

/** 0 where nothing was asked for. */
function limits(resources: ContainerResources, spec: ContainerDetails['spec']): object {
  const { cpus } = resources
  const pids = spec?.linux.resources?.['pids'] as { readonly limit?: number } | undefined
  return {
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memoryBytes ?? 0,
    NanoCpus: Math.round((cpus ?? 0) * 1e9),
    BlkioWeight: resources.blockWeight ?? 0,
    CpuPeriod: cpus === undefined ? (resources.cpuPeriodMicros ?? 0) : 100_000,
    CpuQuota: cpus === undefined ? (resources.cpuQuotaMicros ?? 0) : Math.round(cpus * 100_000),
    CpusetCpus: resources.cpusetCpus ?? '',
    CpusetMems: resources.cpusetMems ?? '',
    MemoryReservation: resources.memoryReservationBytes ?? 0,
    MemorySwap: resources.memorySwapBytes ?? 0,
    MemorySwappiness: resources.memorySwappiness ?? 0,
    OomKillDisable: resources.oomKillDisable === true,
    PidsLimit: resources.pidsLimit ?? pids?.limit ?? 0,
  }
}

/** As podman has it. */
function mapTexts(mappings: NonNullable<NonNullable<ContainerDetails['spec']>['linux']['uidMappings']>): readonly string[] {
  return mappings.map(({ containerID, hostID, size }) => `${containerID}:${hostID}:${size}`)
}

function bindText({ source = '', target, readOnly, options = [] }: ContainerMount): string {
  const words = [readOnly === true ? 'ro' : 'rw', ...options]
  return `${source}:${target}:${words.join(',')}`
}

function volumesFromText({ container, readOnly }: VolumesFrom): string {
  return readOnly === undefined ? container : `${container}:${readOnly ? 'ro' : 'rw'}`
}

function tmpfsText({ readOnly, options = [] }: ContainerMount): string {
  return [...(readOnly === true ? ['ro'] : []), ...options].join(',')
}

function securityTexts({ noNewPrivileges, seccompProfile, maskedPaths, unmaskedPaths }: ContainerDetails['options']): readonly string[] {
  return [
    ...(noNewPrivileges === true ? ['no-new-privileges'] : []),
    ...(seccompProfile === undefined ? [] : [`seccomp=${seccompProfile}`]),
    ...(maskedPaths === undefined ? [] : [`mask=${maskedPaths.join(':')}`]),
    ...(unmaskedPaths === undefined ? [] : [`unmask=${unmaskedPaths.join(':')}`]),
  ]
}
