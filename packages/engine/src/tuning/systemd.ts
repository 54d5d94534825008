import type { ContainerTuning } from '@podwright/contracts'
import type { MountInput, SpecInput } from '@podwright/runtime'
import { posix } from 'node:path'

/** What distributions link to it. */
const initPaths: ReadonlySet<string> = new Set(['/sbin/init', '/usr/sbin/init', '/usr/local/sbin/init'])

/** The signal that has it stop everything in order (systemd(1), SIGRTMIN+3). */
export const systemdStopSignal = 'SIGRTMIN+3'

/** Whether a container's first process is systemd, or to be treated as such. */
export function runsSystemd(args: readonly string[], mode: ContainerTuning['systemd'] = true): boolean {
  if (mode === 'always') return true
  const [program = ''] = args
  return mode && (initPaths.has(program) || posix.basename(program) === 'systemd')
}

/**
 * With what systemd expects of a container's manager (https://systemd.io/CONTAINER_INTERFACE/): file systems in memory, control groups of its own that it may
 * write to, where this host has them for the container, and an id for the machine.
 */
export function withSystemd(input: SpecInput): SpecInput {
  const own = new Set(
    (input.mounts ?? []).map((mount) => (mount.type === 'raw' ? mount.mount.destination : posix.resolve('/', mount.target))),
  )
  const groups = input.resources?.cgroups === 'disabled' ? [] : [controlGroups]
  const mounts = [...inMemory, ...groups].filter((mount) => !own.has(mount.type === 'raw' ? mount.mount.destination : mount.target))
  return {
    ...input,
    process: { ...input.process, environment: { container_uuid: input.id.slice(0, 32), ...input.process.environment } },
    mounts: [...(input.mounts ?? []), ...mounts],
    ...(groups.length > 0 && { namespaces: { cgroup: 'private' as const, ...input.namespaces } }),
  }
}

const inMemory: readonly MountInput[] = [
  { type: 'tmpfs', target: '/run', options: ['mode=755'] },
  { type: 'tmpfs', target: '/run/lock', options: ['mode=755'] },
  { type: 'tmpfs', target: '/tmp', options: ['mode=1777'] },
  { type: 'tmpfs', target: '/var/log/journal', options: ['mode=755'] },
]

const controlGroups: MountInput = {
  type: 'raw',
  mount: {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', 'rw'],
  },
}
