import type { HostFinding, PublishedPort } from '@podwright/contracts'
import { isPodwrightError, messageOf } from '@podwright/conventions'
import {
  findUserManager,
  findTool,
  installHint,
  isKernelAtLeast,
  kernelVersion,
  probeCgroups,
  probeDevice,
  probeFileSystem,
  probeOverlay,
  probeSecurity,
  readDistribution,
  readLimits,
} from '@podwright/linux'
import { findUplinkProgram, leavesServicesWaiting, type UplinkProgram } from '@podwright/network'
import { findMonitor, findRuntime } from '@podwright/runtime'
import { diagnoseUserNamespaces } from '@podwright/userns'
import type { EngineOptions } from '../options.ts'
import type { EngineParts } from '../parts.ts'
import { toolVersion } from './tool-version.ts'

/** What this host can and can't do, each finding with what to do about it. Looks only; changes nothing but to make the namespaces once. */
export async function examineHost(parts: EngineParts, options: EngineOptions): Promise<readonly HostFinding[]> {
  return [
    kernelFinding(),
    await runtimeFinding(parts, options),
    await monitorFinding(options),
    ...(parts.rootless ? await rootlessFindings(parts) : []),
    uplinkFinding(),
    tunFinding(),
    await deviceFinding(parts),
    await storageFinding(parts),
    diskFinding(parts),
    cgroupFinding(parts),
    securityFinding(),
    limitFinding(),
    toolFinding('flock', 'a clean-up process starts beside each foreground run'),
    toolFinding('catatonit', 'the pause process is a plain sleep'),
  ]
}

function kernelFinding(): HostFinding {
  const { release } = kernelVersion()
  const base = { id: 'kernel', title: 'Kernel', found: `${release} on ${readDistribution().prettyName}` }
  if (isKernelAtLeast(5, 11)) return { ...base, status: 'ok' }
  return { ...base, status: 'warning', fix: 'Linux 5.11 or newer has what rootless containers use: overlay in a user namespace, openat2.' }
}

async function runtimeFinding(parts: EngineParts, options: EngineOptions): Promise<HostFinding> {
  const base = { id: 'runtime', title: 'OCI runtime' }
  try {
    const { name, path, passedOver } = findRuntime({ rootless: parts.rootless, runtime: options.runtime })
    const others = passedOver.map((other) => `; ${other.name} is passed over: ${other.reason}`).join('')
    return { ...base, status: 'ok', found: `${name} ${await toolVersion(path)} (${path})${others}` }
  } catch (error) {
    return failure(base, error, installHint('crun'))
  }
}

async function monitorFinding({ monitor }: EngineOptions): Promise<HostFinding> {
  const base = { id: 'monitor', title: 'Monitor' }
  try {
    const { path, name } = findMonitor({ path: monitor })
    return { ...base, status: 'ok', found: `${name} ${await toolVersion(path)} (${path})` }
  } catch (error) {
    return failure(base, error, installHint('conmon'))
  }
}

async function rootlessFindings(parts: EngineParts): Promise<HostFinding[]> {
  return [...diagnoseUserNamespaces(), await namespaceFinding(parts)]
}

async function namespaceFinding(parts: EngineParts): Promise<HostFinding> {
  const base = { id: 'namespaces', title: 'User namespace of the engine' }
  try {
    const namespace = await parts.namespace()
    await namespace.prefix()
    const ids = namespace.idMap()?.uids.reduce((sum, { size }) => sum + size, 0) ?? 0
    return { ...base, status: 'ok', found: `${ids} user ids are mapped` }
  } catch (error) {
    return failure(base, error, 'See the findings above.')
  }
}

function uplinkFinding(): HostFinding {
  const base = { id: 'uplink', title: 'Way out of private networks' }
  const program = findUplinkProgram()
  if (program !== undefined) return { ...base, ...withPorts(program) }
  return {
    ...base,
    status: 'error',
    found: 'neither pasta nor slirp4netns is installed',
    fix: `${installHint('pasta')} Until then: --network host or none.`,
  }
}

/** With what serves ports that other hosts can reach, where that is another program. */
function withPorts(program: UplinkProgram): Pick<HostFinding, 'status' | 'found' | 'fix'> {
  const found = `${program.name} (${program.path})`
  const ports: readonly PublishedPort[] = [{ hostPort: 80, containerPort: 80, protocol: 'tcp' }]
  const forPorts = findUplinkProgram({}, { ports }) ?? program
  if (forPorts.name !== program.name) return { status: 'ok', found: `${found}; ${forPorts.name} (${forPorts.path}) with published ports` }
  if (program.name !== 'pasta' || !leavesServicesWaiting(program.path, ports)) return { status: 'ok', found }
  return {
    status: 'warning',
    found: `${found}, from before October 2024: published services that speak first, as SMTP and MySQL, never answer other hosts`,
    fix: `${installHint('slirp4netns')} It serves published ports then. Or install a newer pasta.`,
  }
}

function tunFinding(): HostFinding {
  const base = { id: 'tun', title: 'Device /dev/net/tun' }
  const { present, usable } = probeDevice('/dev/net/tun')
  if (usable) return { ...base, status: 'ok', found: 'can be used' }
  if (!present) return { ...base, status: 'error', found: 'is not there', fix: 'As root: modprobe tun' }
  return { ...base, status: 'error', found: 'this user may not open it', fix: 'As root: chmod 0666 /dev/net/tun, as distributions ship it' }
}

async function deviceFinding(parts: EngineParts): Promise<HostFinding> {
  const { devices, problems } = await (await import('../devices/list-devices.ts')).listDevices(parts)
  const some = devices.slice(0, 3).map(({ name }) => name)
  const more = devices.length > some.length ? `, and ${devices.length - some.length} more` : ''
  const found = devices.length === 0 ? 'none' : `${some.join(', ')}${more}`
  const base = { id: 'devices', title: 'Devices by name (CDI)', found }
  if (problems.length === 0) return { ...base, status: devices.length === 0 ? 'info' : 'ok' }
  const [{ path, message }] = problems as [(typeof problems)[number]]
  const others = problems.length > 1 ? `; and ${problems.length - 1} more, see podwright info` : ''
  return {
    ...base,
    status: 'warning',
    found: `${found}; left out: ${path}: ${message}${others}`,
    fix: 'Have the tool of its vendor write it again.',
  }
}

async function storageFinding(parts: EngineParts): Promise<HostFinding> {
  const base = { id: 'storage', title: 'Storage driver' }
  try {
    const driver = (await parts.storage()).driverName()
    const { loaded, rootless } = probeOverlay()
    const note = `overlay: ${loaded ? 'in the kernel' : 'not in the kernel'}${parts.rootless ? `, rootless ${rootless ? 'too' : 'not (needs Linux 5.11)'}` : ''}`
    if (driver === 'overlay') return { ...base, status: 'ok', found: `overlay (${note})` }
    return {
      ...base,
      status: 'warning',
      found: `${driver} (${note})`,
      fix: 'The overlay driver is faster and smaller; it needs a local file system other than overlay itself.',
    }
  } catch (error) {
    return failure(base, error, 'Name a driver that works everywhere: --storage-driver vfs')
  }
}

function diskFinding(parts: EngineParts): HostFinding {
  const facts = probeFileSystem(parts.paths.root)
  const base = { id: 'disk', title: 'Data root' }
  if (facts === undefined) return { ...base, status: 'warning', found: `${parts.paths.root} can't be examined` }
  const gigabytes = (facts.availableBytes / 1e9).toFixed(1)
  const found = `${parts.paths.root} on ${facts.type}, ${gigabytes} GB free`
  if (facts.network)
    return {
      ...base,
      status: 'warning',
      found,
      fix: 'Layers on a network file system are slow and may lose ownership: name a local directory with --root.',
    }
  if (facts.availableBytes < 2e9)
    return { ...base, status: 'warning', found, fix: 'Free some space: podwright rmi removes images that are not used.' }
  return { ...base, status: 'ok', found }
}

function cgroupFinding(parts: EngineParts): HostFinding {
  const { mode, controllers: all } = probeCgroups()
  const manager = parts.rootless ? findUserManager({ environment: parts.environment }) : undefined
  const controllers = manager?.controllers ?? all
  const base = { id: 'cgroups', title: 'Control groups', found: `${mode}${controllers.length > 0 ? ` (${controllers.join(', ')})` : ''}` }
  if (mode === 'none') return { ...base, status: 'warning', fix: 'Mount them, or go without resource limits.' }
  if (!parts.rootless) return { ...base, status: 'ok' }
  if (manager?.controllers.includes('pids') === true) return { ...base, status: 'ok', found: `${base.found}, by the user's systemd` }
  return {
    ...base,
    status: 'info',
    found: `${base.found}; not delegated to this user, so containers run without groups of their own`,
    fix: 'Resource limits of rootless containers need cgroup v2 and a session of systemd that delegates the controllers.',
  }
}

function securityFinding(): HostFinding {
  const { seccomp, appArmor, selinux } = probeSecurity()
  const found = `seccomp ${seccomp ? 'yes' : 'no'}, AppArmor ${appArmor ? 'yes' : 'no'}, SELinux ${selinux}`
  const base = { id: 'security', title: 'Security modules', found }
  if (seccomp) return { ...base, status: 'ok' }
  return { ...base, status: 'warning', fix: 'This kernel has no seccomp: containers may use every system call.' }
}

function limitFinding(): HostFinding {
  const files = readLimits().get('nofile')
  const base = { id: 'limits', title: 'Open files' }
  if (files === undefined) return { ...base, status: 'info', found: 'unknown' }
  const found = `at most ${files.hard === Infinity ? 'unlimited' : files.hard}`
  return { ...base, status: 'info', found }
}

function toolFinding(name: string, otherwise: string): HostFinding {
  const path = findTool(name)
  const base = { id: name, title: `Tool ${name}` }
  if (path !== undefined) return { ...base, status: 'ok', found: path }
  return { ...base, status: 'info', found: `not installed: ${otherwise}`, fix: installHint(name) }
}

function failure(base: Pick<HostFinding, 'id' | 'title'>, error: unknown, fix: string): HostFinding {
  const hint = isPodwrightError(error) ? error.hint : undefined
  return { ...base, status: 'error', found: messageOf(error), fix: hint ?? fix }
}
