import type { ContainerTuning } from '@podwright/contracts'

/** Every field, or this does not compile. */
const fields: Readonly<Record<keyof ContainerTuning, true>> = {
  extraHosts: true,
  noHosts: true,
  hostsFile: true,
  noHostname: true,
  chrootDirectories: true,
  domainName: true,
  readOnlyTmpfs: true,
  nameServers: true,
  searchDomains: true,
  resolverOptions: true,
  additionalGroups: true,
  keepGroups: true,
  umask: true,
  notify: true,
  accounts: true,
  passwdEntry: true,
  groupEntry: true,
  hostUsers: true,
  oomScoreAdj: true,
  timeZone: true,
  unsetEnvironment: true,
  pidFile: true,
  monitorPidFile: true,
  timeLimitSeconds: true,
  init: true,
  personality: true,
  shmSizeBytes: true,
  systemdShmSizeBytes: true,
  sysctls: true,
  devices: true,
  cdiDevices: true,
  gpus: true,
  cdiSpecDirectories: true,
  deviceRules: true,
  pidNamespace: true,
  ipcNamespace: true,
  utsNamespace: true,
  userNamespace: true,
  cgroupNamespace: true,
  resources: true,
  cgroupParent: true,
  rdtClass: true,
  annotations: true,
  requires: true,
  systemd: true,
  maskedPaths: true,
  unmaskedPaths: true,
}

/** What of the options goes beyond the defaults; undefined when nothing does, which spares most containers what it needs. */
export function tuningOf(options: ContainerTuning): ContainerTuning | undefined {
  const given = Object.keys(fields).filter((name) => options[name as keyof ContainerTuning] !== undefined)
  return given.length === 0 ? undefined : Object.fromEntries(given.map((name) => [name, options[name as keyof ContainerTuning]]))
}
