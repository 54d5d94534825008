import { readFileSync } from 'node:fs'

/** A line of `/proc/PID/cgroup` (cgroups(7)). */
export interface CgroupMembership {
  /** `0` is that of v2. */
  readonly hierarchy: string
  /** Of v1: `memory`, `name=systemd`. */
  readonly controllers: readonly string[]
  /** Below the hierarchy's root; begins with a slash. */
  readonly path: string
}

/** The control groups that a process is in; none when there is no such process. */
export function readMemberships(pid: number | 'self'): readonly CgroupMembership[] {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n').filter(Boolean).map(parseMembership)
  } catch {
    return []
  }
}

/** `4:memory:/user.slice`, `0::/user.slice`. */
function parseMembership(line: string): CgroupMembership {
  const [hierarchy = '', controllers = '', ...path] = line.split(':')
  return { hierarchy, controllers: controllers.split(',').filter(Boolean), path: path.join(':') }
}
