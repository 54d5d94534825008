import type { ContainerResources, ContainerTuning, IdMapping, UserNamespace } from '@podwright/contracts'
import { gpusWord } from '../tuning/gpus.ts'
import { namespaceWord } from '../tuning/namespaces.ts'
import { flag, flags, type Writers } from './words.ts'

/** What goes beyond the defaults, in the flags that ask for it. */
export const tuningWriters: Writers<ContainerTuning> = {
  extraHosts: (hosts) =>
    flags(
      'add-host',
      hosts.map(({ name, address }) => `${name}:${address}`),
    ),
  hostsFile: (path) => flag('hosts-file', path),
  noHostname: (is) => (is ? ['--no-hostname'] : []),
  chrootDirectories: (directories) => flags('chrootdirs', directories),
  domainName: (name) => flag('domainname', name),
  readOnlyTmpfs: (is) => (is ? [] : ['--read-only-tmpfs=false']),
  noHosts: (is) => (is ? ['--no-hosts'] : []),
  nameServers: (servers) => flags('dns', servers === 'none' ? ['none'] : servers),
  searchDomains: (domains) => flags('dns-search', domains),
  resolverOptions: (options) => flags('dns-option', options),
  additionalGroups: (groups) => flags('group-add', groups),
  keepGroups: (is) => (is ? ['--group-add', 'keep-groups'] : []),
  cgroupParent: (path) => flag('cgroup-parent', path),
  rdtClass: (name) => flag('rdt-class', name),
  notify: (mode) => flag('sdnotify', mode),
  accounts: (are) => (are ? [] : ['--passwd=false']),
  passwdEntry: (line) => flag('passwd-entry', line),
  groupEntry: (line) => flag('group-entry', line),
  hostUsers: (names) => flags('hostuser', names),
  umask: (mask) => flag('umask', mask.toString(8).padStart(4, '0')),
  oomScoreAdj: (score) => flag('oom-score-adj', score),
  timeZone: (zone) => flag('tz', zone),
  unsetEnvironment: (names) => (names === 'all' ? ['--unsetenv-all'] : flags('unsetenv', names)),
  pidFile: (path) => flag('pidfile', path),
  monitorPidFile: (path) => flag('conmon-pidfile', path),
  timeLimitSeconds: (seconds) => flag('timeout', seconds),
  init: (program) => (program === true ? ['--init'] : flag('init-path', program)),
  personality: (domain) => flag('personality', domain),
  shmSizeBytes: (bytes) => flag('shm-size', `${bytes}b`),
  systemdShmSizeBytes: (bytes) => flag('shm-size-systemd', `${bytes}b`),
  sysctls: (values) => flags('sysctl', pairs(values)),
  devices: (devices) =>
    flags(
      'device',
      devices.map(({ source, target, access }) => [source, target, access].filter((part) => part !== undefined).join(':')),
    ),
  cdiDevices: (names) => flags('device', names),
  gpus: (requests) => flags('gpus', requests.map(gpusWord)),
  cdiSpecDirectories: (directories) => flags('cdi-spec-dir', directories),
  deviceRules: (rules) => flags('device-cgroup-rule', rules),
  userNamespace: userNamespaceWords,
  pidNamespace: (mode) => flag('pid', namespaceWord(mode)),
  ipcNamespace: (mode) => flag('ipc', namespaceWord(mode)),
  utsNamespace: (mode) => flag('uts', namespaceWord(mode)),
  cgroupNamespace: (mode) => flag('cgroupns', namespaceWord(mode)),
  resources: (resources) =>
    Object.entries(resourceWriters).flatMap(([name, write]) => {
      const value = resources[name as keyof ContainerResources]
      return value === undefined ? [] : (write as (given: unknown) => readonly string[])(value)
    }),
  annotations: (values) => flags('annotation', pairs(values)),
  requires: (ids) => flags('requires', ids),
  systemd: (mode) => flag('systemd', String(mode)),
  maskedPaths: (paths) => flag('security-opt', `mask=${paths.join(':')}`),
  unmaskedPaths: (paths) => flag('security-opt', `unmask=${paths.join(':')}`),
}

const resourceWriters: Writers<ContainerResources> = {
  memoryBytes: (bytes) => flag('memory', `${bytes}b`),
  memorySwapBytes: (bytes) => flag('memory-swap', bytes < 0 ? '-1' : `${bytes}b`),
  memoryReservationBytes: (bytes) => flag('memory-reservation', `${bytes}b`),
  memorySwappiness: (value) => flag('memory-swappiness', value),
  cpus: (count) => flag('cpus', count),
  cpuShares: (shares) => flag('cpu-shares', shares),
  cpuQuotaMicros: (quota) => flag('cpu-quota', quota),
  cpuPeriodMicros: (period) => flag('cpu-period', period),
  cpusetCpus: (set) => flag('cpuset-cpus', set),
  cpusetMems: (set) => flag('cpuset-mems', set),
  pidsLimit: (limit) => flag('pids-limit', limit),
  cpuRealtimePeriodMicros: (period) => flag('cpu-rt-period', period),
  cpuRealtimeRuntimeMicros: (runtime) => flag('cpu-rt-runtime', runtime),
  blockDeviceWeights: (weights) =>
    flags(
      'blkio-weight-device',
      Object.entries(weights).map(([device, weight]) => `${device}:${weight}`),
    ),
  deviceThrottles: (throttles) =>
    throttles.flatMap(({ device, kind, rate }) => flag(`device-${kind}`, `${device}:${rate}${kind.endsWith('bps') ? 'b' : ''}`)),
  unified: (values) => flags('cgroup-conf', pairs(values)),
  blockWeight: (weight) => flag('blkio-weight', weight),
  oomKillDisable: (is) => (is ? ['--oom-kill-disable'] : []),
}

function pairs(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `${name}=${value}`)
}

function userNamespaceWords(namespace: UserNamespace): readonly string[] {
  if (namespace.mode === 'private') {
    const words = (flagName: string, side: readonly IdMapping[]): readonly string[] =>
      flags(
        flagName,
        side.map(({ containerId, hostId, size }) => `${containerId}:${hostId}:${size}`),
      )
    return [...words('uidmap', namespace.idMap.uids), ...words('gidmap', namespace.idMap.gids)]
  }
  if (namespace.mode === 'sub-ids') return [...flag('subuidname', namespace.uidName), ...flag('subgidname', namespace.gidName)]
  if (namespace.mode !== 'keep-id') return flag('userns', namespace.mode)
  const { uid, gid } = namespace
  const options = [...(uid === undefined ? [] : [`uid=${uid}`]), ...(gid === undefined ? [] : [`gid=${gid}`])]
  return flag('userns', options.length === 0 ? 'keep-id' : `keep-id:${options.join(',')}`)
}
