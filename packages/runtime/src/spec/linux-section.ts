import type { IdMapping } from '@podwright/contracts'
import type { RuntimeLinux, RuntimeNamespace } from '@podwright/oci'
import type { NamespaceMode, ResourcesInput, SpecInput } from './spec-input.ts'

const maskedPaths = [
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/dev/block',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
]

const readonlyPaths = ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

const defaultPidsLimit = 2048

/** New and joined namespaces. Without one of its own, the user namespace is that of the caller: a rootless engine's containers share one. */
export function containerNamespaces({ namespaces = {}, host }: SpecInput): readonly RuntimeNamespace[] {
  const list: RuntimeNamespace[] = []
  const add = (type: RuntimeNamespace['type'], mode: NamespaceMode | 'none'): void => {
    if (typeof mode === 'object') list.push({ type, path: mode.path })
    else if (mode !== 'host') list.push({ type })
  }
  if (namespaces.user !== undefined) list.push({ type: 'user' })
  add('pid', namespaces.pid ?? 'private')
  add('network', namespaces.network ?? 'private')
  add('ipc', namespaces.ipc ?? 'private')
  add('uts', namespaces.uts ?? 'private')
  add('mount', 'private')
  add('cgroup', namespaces.cgroup ?? (host.cgroupMode === 'v2' ? 'private' : 'host'))
  return list
}

/** The ids of a user namespace of its own. */
export function idMappings({ namespaces }: SpecInput): Pick<RuntimeLinux, 'uidMappings' | 'gidMappings'> {
  const map = namespaces?.user
  if (map === undefined) return {}
  const side = (mappings: readonly IdMapping[]): RuntimeLinux['uidMappings'] =>
    mappings.map(({ containerId, hostId, size }) => ({ containerID: containerId, hostID: hostId, size }))
  return { uidMappings: side(map.uids)!, gidMappings: side(map.gids)! }
}

/** Hidden and read-only paths; a privileged container has none. */
export function protectedPaths({ security = {} }: SpecInput): Pick<RuntimeLinux, 'maskedPaths' | 'readonlyPaths'> {
  const asked = security.maskedPaths ?? []
  const unmasked = security.unmaskedPaths ?? []
  if (security.privileged || unmasked.some((path) => path.toUpperCase() === 'ALL')) return asked.length > 0 ? { maskedPaths: asked } : {}
  const isKept = (path: string): boolean => !unmasked.some((pattern) => matches(pattern, path))
  return { maskedPaths: [...maskedPaths.filter(isKept), ...asked], readonlyPaths: readonlyPaths.filter(isKept) }
}

/** Whether `pattern`, in which `*` stands for a part of a component, names `path`. */
function matches(pattern: string, path: string): boolean {
  const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  return new RegExp(`^${source}/?$`).test(path)
}

/** Control groups: none at all, or the limits asked for over the defaults. */
export function controlGroups({ host, resources = {}, security }: SpecInput): Pick<RuntimeLinux, 'cgroupsPath' | 'resources'> {
  if (resources.cgroups === 'disabled') return {}
  const limit = resources.pidsLimit ?? defaultPidsLimit
  return {
    ...(resources.cgroupsPath === undefined ? {} : { cgroupsPath: resources.cgroupsPath }),
    resources: {
      ...(host.rootless ? {} : { devices: deviceRules(resources, security?.privileged ?? false) }),
      ...(limit > 0 ? { pids: { limit } } : {}),
      ...resources.resources,
    },
  }
}

/** The runtimes add rules for the devices that every container has. */
function deviceRules({ devices = [], deviceRules: more = [] }: ResourcesInput, privileged: boolean): readonly object[] {
  if (privileged) return [{ allow: true, access: 'rwm' }]
  const rules = devices.map(({ type, major, minor, access = 'rwm' }) => ({ allow: true, type, major, minor, access }))
  return [{ allow: false, access: 'rwm' }, ...rules, ...more.map((rule) => ({ allow: true, ...rule }))]
}

/** Device nodes to make; a rootless runtime can't, and has them bound instead. */
export function deviceNodes({ host, resources }: SpecInput): Pick<RuntimeLinux, 'devices'> {
  const devices = resources?.devices ?? []
  if (host.rootless || devices.length === 0) return {}
  return {
    devices: devices.map(({ source, target = source, type, major, minor, mode, uid, gid }) => ({
      path: target,
      type,
      major,
      minor,
      fileMode: mode & 0o777,
      uid,
      gid,
    })),
  }
}
