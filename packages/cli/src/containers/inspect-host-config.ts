import type { ContainerDetails, ContainerMount, VolumesFrom } from '@podwright/contracts'

/** The HostConfig of `inspect`: what is asked of the host, in docker's and podman's words. */
export function hostConfig({ options, paths, network, spec }: ContainerDetails): object {
  const mounts = options.mounts ?? []
  return {
    Binds: mounts.filter(({ type, volume }) => type === 'bind' || (type === 'volume' && volume?.anonymous !== true)).map(bindText),
    Tmpfs: Object.fromEntries(mounts.filter(({ type }) => type === 'tmpfs').map((mount) => [mount.target, tmpfsText(mount)])),
    ContainerIDFile: '',
    LogConfig: { Type: 'k8s-file', Config: null, Path: paths.log, Tag: '', Size: '0B' },
    NetworkMode: network,
    PortBindings: {},
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
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
    IpcMode: 'private',
    Cgroup: '',
    Links: null,
    OomScoreAdj: spec?.process.oomScoreAdj ?? options.oomScoreAdj ?? 0,
    PidMode: 'private',
    Privileged: options.privileged === true,
    PublishAllPorts: false,
    ReadonlyRootfs: options.readOnlyRoot === true,
    SecurityOpt: securityTexts(options),
    UTSMode: 'private',
    UsernsMode: '',
    Runtime: 'oci',
    Isolation: '',
    Devices: [],
    Ulimits: (options.resourceLimits ?? []).map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    Init: options.init !== undefined,
    MaskedPaths: spec?.linux.maskedPaths ?? [],
    ReadonlyPaths: spec?.linux.readonlyPaths ?? [],
  }
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

function securityTexts({ noNewPrivileges, seccompProfile }: ContainerDetails['options']): readonly string[] {
  return [
    ...(noNewPrivileges === true ? ['no-new-privileges'] : []),
    ...(seccompProfile === undefined ? [] : [`seccomp=${seccompProfile}`]),
  ]
}
