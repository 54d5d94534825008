import { existsSync, readFileSync } from 'node:fs'
import { readMemberships } from './internal/cgroup-memberships.ts'

/** The directory of a control group. */
export interface ControlGroup {
  readonly version: 1 | 2
  /** Absolute. */
  readonly path: string
}

const root = '/sys/fs/cgroup'

/**
 * The control group that a process is in for a controller: of v1 when it is mounted so, else in the one hierarchy of v2. Undefined when the process is
 * gone, or nothing is mounted where it usually is.
 *
 * @param controller `memory`, `cpuacct`, `freezer`, …
 */
export function controlGroupOf(pid: number, controller: string): ControlGroup | undefined {
  const memberships = readMemberships(pid)
  const own = memberships.find(({ controllers }) => controllers.includes(controller))
  if (own !== undefined) return ifThere({ version: 1, path: `${root}/${controller}${own.path}` })
  const unified = memberships.find(({ hierarchy }) => hierarchy === '0')
  return unified && ifThere({ version: 2, path: `${root}${unified.path}` })
}

/** Whether the freezer keeps a process from running (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst, cgroup-v2.rst). */
export function isFrozen(pid: number): boolean {
  const group = controlGroupOf(pid, 'freezer')
  if (group === undefined) return false
  // A group is frozen by those above it, too, and both files tell that.
  if (group.version === 1) return ['FROZEN', 'FREEZING'].includes(read(`${group.path}/freezer.state`).trim())
  return /^frozen 1$/m.test(read(`${group.path}/cgroup.events`))
}

function ifThere(group: ControlGroup): ControlGroup | undefined {
  const path = group.path.replace(/\/$/, '')
  return existsSync(path) ? { ...group, path } : undefined
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
