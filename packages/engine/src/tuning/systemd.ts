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
export function withSystemd(input: SpecInput, shmSizeBytes = 0): SpecInput {
  const own = new Set(
    (input.mounts ?? []).map((mount) => (mount.type === 'raw' ? mount.mount.destination : posix.resolve('/', mount.target))),
  )
  const groups = input.resources?.cgroups === 'disabled' ? [] : [controlGroups]
  const mounts = [...inMemory(shmSizeBytes), ...groups].filter(
    (mount) => !own.has(mount.type === 'raw' ? mount.mount.destination : mount.target),
  )
  return {
    ...input,
    process: { ...input.process, environment: { container_uuid: input.id.slice(0, 32), ...input.process.environment } },
    mounts: [...(input.mounts ?? []), ...mounts],
    ...(groups.length > 0 && { namespaces: { cgroup: 'private' as const, ...input.namespaces } }),
  }
}

const directoriesInMemory: Readonly<Record<string, string>> = {
  '/run': '755',
  '/run/lock': '755',
  '/tmp': '1777',
  '/var/log/journal': '755',
}

function inMemory(sizeBytes: number): readonly MountInput[] {
  const size = sizeBytes === 0 ? [] : [`size=${sizeBytes}`]
  return Object.entries(directoriesInMemory).map(([target, mode]) => ({ type: 'tmpfs', target, options: [`mode=${mode}`, ...size] }))
}

const controlGroups: MountInput = {
  type: 'raw',
  mount: {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', 'rw'],
  },
}
