import type { RuntimeMount } from '@podwright/oci'
import type { ContainerFiles, SpecInput } from './spec-input.ts'

/** Where a static init is bound to. */
export const initPath = '/run/podwright-init'

/** The group that owns terminals on most distributions. */
const ttyGroup = 5

const defaultShmBytes = 65_536 * 1024

/** What every container has mounted, shallow targets first. */
export function defaultMounts(input: SpecInput): readonly RuntimeMount[] {
  const privileged = input.security?.privileged ?? false
  return [
    procMount(input),
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=65536k'],
    },
    sysMount(input, privileged),
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ptsOptions(input) },
    ...ipcMounts(input),
    ...fileMounts(input.files ?? {}, input.readOnlyRoot ?? false),
    ...cgroupMounts(input, privileged),
    ...readOnlyRootMounts(input),
  ]
}

/** Only who owns a pid namespace may mount a new /proc of it. */
function procMount({ host, namespaces }: SpecInput): RuntimeMount {
  const flags = ['nosuid', 'noexec', 'nodev']
  const isAnothers =
    namespaces?.pid === 'host'
      ? host.rootless || namespaces.user !== undefined
      : namespaces?.user !== undefined && typeof namespaces.pid === 'object'
  if (!isAnothers) return { destination: '/proc', type: 'proc', source: 'proc', options: flags }
  return { destination: '/proc', type: 'bind', source: '/proc', options: ['rprivate', ...flags, 'rbind'] }
}

/**
 * A new sysfs shows the network namespace it is mounted in, and only who owns that namespace may mount one: with a network that is another's, a
 * container in a user namespace gets the host's /sys instead.
 */
function sysMount(input: SpecInput, privileged: boolean): RuntimeMount {
  const access = privileged ? 'rw' : 'ro'
  if (needsHostSys(input)) {
    return { destination: '/sys', type: 'bind', source: '/sys', options: ['rprivate', 'nosuid', 'noexec', 'nodev', access, 'rbind'] }
  }
  return { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', access] }
}

function needsHostSys({ host, namespaces }: SpecInput): boolean {
  if (namespaces?.network === 'host') return host.rootless || namespaces.user !== undefined
  return namespaces?.user !== undefined && typeof namespaces.network === 'object'
}

function ptsOptions({ host, namespaces }: SpecInput): readonly string[] {
  const isMapped =
    (namespaces?.user ?? host.idMap)?.gids.some(({ containerId, size }) => containerId <= ttyGroup && ttyGroup < containerId + size) ?? true
  const options = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620']
  return isMapped ? [...options, `gid=${ttyGroup}`] : options
}

/** With the host's ipc namespace, its message queues and shared memory come along. */
function ipcMounts({ host, namespaces, resources }: SpecInput): readonly RuntimeMount[] {
  const flags = ['nosuid', 'noexec', 'nodev']
  if (namespaces?.ipc === 'host') {
    return [...(host.hasMessageQueues ? ['/dev/mqueue'] : []), '/dev/shm'].map((path) => ({
      destination: path,
      type: 'bind',
      source: path,
      options: ['bind', 'rprivate', ...flags],
    }))
  }
  // Only who owns an ipc namespace may mount its queues.
  const isAnothers = namespaces?.user !== undefined && typeof namespaces.ipc === 'object'
  const queues = isAnothers ? [] : [{ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: flags }]
  if (resources?.shmSizeBytes === 'none') return queues
  if (resources?.shmDirectory !== undefined) {
    return [...queues, { destination: '/dev/shm', type: 'bind', source: resources.shmDirectory, options: ['bind', 'rprivate', ...flags] }]
  }
  const size = `size=${Math.ceil((resources?.shmSizeBytes ?? defaultShmBytes) / 1024)}k`
  return [...queues, { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...flags, 'mode=1777', size] }]
}

function fileMounts(files: ContainerFiles, readOnlyRoot: boolean): readonly RuntimeMount[] {
  const options = ['bind', 'rprivate', ...(readOnlyRoot ? ['ro', 'nosuid', 'noexec', 'nodev'] : [])]
  const mounts: RuntimeMount[] = []
  const add = (destination: string, source: string | undefined, own: readonly string[] = options): void => {
    if (source !== undefined) mounts.push({ destination, type: 'bind', source, options: own })
  }
  add('/etc/resolv.conf', files.resolvConf)
  add('/etc/hosts', files.hosts)
  add('/etc/hostname', files.hostname)
  add('/run/.containerenv', files.containerEnv)
  add('/etc/localtime', files.localTime)
  add(initPath, files.init, ['bind', 'rprivate', 'ro'])
  return mounts
}

function cgroupMounts(input: SpecInput, privileged: boolean): readonly RuntimeMount[] {
  // The host's /sys brings its control groups along; without any on the host there is nothing to show.
  const ownNamespace = (input.namespaces?.cgroup ?? 'host') !== 'host'
  if (input.host.cgroupMode === 'none' || (needsHostSys(input) && !ownNamespace)) return []
  const access = privileged ? 'rw' : 'ro'
  const options = ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', access]
  return [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options }]
}

function readOnlyRootMounts(input: SpecInput): readonly RuntimeMount[] {
  if (!input.readOnlyRoot || input.readOnlyTmpfs === false) return []
  const options = ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup']
  return ['/run', '/tmp', '/var/tmp'].map((destination) => ({ destination, type: 'tmpfs', source: 'tmpfs', options }))
}
