import type { RuntimeHook, RuntimeHooks, RuntimeLinux, RuntimeMount, RuntimeProcess, RuntimeSpec } from '@podwright/oci'
import { posix } from 'node:path'
import { completeNode, type CompleteNode } from './host-node.ts'
import type { CdiHook, CdiIntelRdt, CdiMount, ContainerEdits } from './spec.ts'

/** Options of `applyEdits`. */
export interface ApplyOptions {
  /** For a runtime that cannot make device nodes, as in a user namespace: those of the host are bound, with the owner and mode that they have. @default false */
  readonly bindNodes?: boolean | undefined
  /** Whether the devices control group is told to allow the nodes. @default true */
  readonly deviceRules?: boolean | undefined
}

/**
 * A container's config with what its devices need; the one given stays as it is. A variable, node or mount takes the place of one with the same name or path.
 *
 * @throws CdiError `ERR_CDI_HOST_DEVICE`
 */
export function applyEdits(spec: RuntimeSpec, edits: ContainerEdits, options: ApplyOptions = {}): RuntimeSpec {
  const { bindNodes = false, deviceRules = true } = options
  const nodes = (edits.deviceNodes ?? []).map((node) => completeNode(node, { mustExist: bindNodes }))
  const mounts = [...(bindNodes ? nodes.map(boundNode) : []), ...(edits.mounts ?? []).map(runtimeMount)]
  const hooks = withHooks(spec.hooks, edits.hooks ?? [])
  return {
    ...spec,
    process: editedProcess(spec.process, edits),
    mounts: mounts.length === 0 ? spec.mounts : withMounts(spec.mounts, mounts),
    ...(hooks !== undefined && { hooks }),
    linux: {
      ...spec.linux,
      ...(!bindNodes && nodes.length > 0 && { devices: withNodes(spec, nodes) }),
      ...(deviceRules && nodes.length > 0 && { resources: withRules(spec.linux.resources, nodes) }),
      ...(edits.intelRdt !== undefined && { intelRdt: runtimeRdt(edits.intelRdt) }),
      ...(edits.netDevices !== undefined && {
        netDevices: {
          ...spec.linux.netDevices,
          ...Object.fromEntries(edits.netDevices.map(({ hostInterfaceName, name }) => [hostInterfaceName, { name }])),
        },
      }),
    },
  }
}

function editedProcess(process: RuntimeProcess, { env = [], additionalGids = [] }: ContainerEdits): RuntimeProcess {
  const gids = [...new Set([...(process.user.additionalGids ?? []), ...additionalGids.filter((gid) => gid !== 0)])]
  const variables = new Map((process.env ?? []).map((line) => [nameOf(line), line]))
  for (const line of env) variables.set(nameOf(line), line)
  return {
    ...process,
    ...(env.length > 0 && { env: [...variables.values()] }),
    ...(additionalGids.length > 0 && gids.length > 0 && { user: { ...process.user, additionalGids: gids } }),
  }
}

function nameOf(line: string): string {
  return line.includes('=') ? line.slice(0, line.indexOf('=')) : line
}

type Device = NonNullable<RuntimeLinux['devices']>[number]

function withNodes({ linux, process }: RuntimeSpec, nodes: readonly CompleteNode[]): readonly Device[] {
  const devices = new Map((linux.devices ?? []).map((device) => [posix.normalize(device.path), device]))
  for (const node of nodes) {
    const { type, major, minor, fileMode } = node
    const uid = node.uid ?? (process.user.uid > 0 ? process.user.uid : undefined)
    const gid = node.gid ?? (process.user.gid > 0 ? process.user.gid : undefined)
    const path = posix.normalize(node.path)
    const given = Object.entries({ major, minor, fileMode, uid, gid }).filter(([, value]) => value !== undefined)
    devices.set(path, { type, path, ...(Object.fromEntries(given) as Partial<Device>) })
  }
  return [...devices.values()]
}

function withRules(resources: RuntimeLinux['resources'], nodes: readonly CompleteNode[]): NonNullable<RuntimeLinux['resources']> {
  const rules = nodes
    .filter(({ type }) => type !== 'p')
    .map(({ type, major, minor, permissions = 'rwm' }) => {
      const access = permissions === 'none' ? '' : permissions
      return { allow: true, type: type === 'u' ? 'c' : type, major, minor, access }
    })
    // A rule that allows nothing is one that runc does not take.
    .filter(({ access }) => access !== '')
  return { ...resources, devices: [...((resources?.['devices'] ?? []) as readonly object[]), ...rules] }
}

/** As devices are bound that somebody names by path. */
function boundNode({ hostPath, path }: CompleteNode): RuntimeMount {
  return { destination: posix.normalize(path), type: 'bind', source: hostPath, options: ['rslave', 'nosuid', 'noexec', 'rw', 'rbind'] }
}

function runtimeMount({ hostPath, containerPath, options = [], type }: CdiMount): RuntimeMount {
  const isBind = options.some((option) => option === 'bind' || option === 'rbind')
  return {
    destination: posix.normalize(containerPath).replace(/(?<=.)\/$/, ''),
    source: hostPath,
    // Without a type, only a bind mount can be meant.
    options: isBind || (type !== undefined && type !== 'bind') ? options : [...options, 'rbind'],
    ...(type === undefined ? { type: 'bind' } : { type }),
  }
}

/** Shallow targets first, as the order of mounting has to be. */
function withMounts(given: readonly RuntimeMount[], added: readonly RuntimeMount[]): readonly RuntimeMount[] {
  const mounts = new Map(given.map((mount) => [mount.destination, mount]))
  for (const mount of added) {
    mounts.delete(mount.destination)
    mounts.set(mount.destination, mount)
  }
  const depth = ({ destination }: RuntimeMount): number => (destination === '/' ? 0 : destination.split('/').length - 1)
  return [...mounts.values()].toSorted((a, b) => depth(a) - depth(b))
}

function withHooks(given: RuntimeHooks | undefined, hooks: readonly CdiHook[]): RuntimeHooks | undefined {
  if (hooks.length === 0) return given
  const merged: Record<string, readonly RuntimeHook[]> = { ...given }
  for (const { hookName, ...hook } of hooks) merged[hookName] = [...(merged[hookName] ?? []), hook]
  return merged
}

function runtimeRdt({ enableCMT, enableMBM, ...rdt }: CdiIntelRdt): NonNullable<RuntimeLinux['intelRdt']> {
  return { ...rdt, ...(enableCMT !== undefined && { enableCMT }), ...(enableMBM !== undefined && { enableMBM }) }
}
