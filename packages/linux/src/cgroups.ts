import { accessSync, constants, readFileSync, statfsSync } from 'node:fs'
import { readMemberships } from './internal/cgroup-memberships.ts'

/**
 * How control groups are mounted. `v2`: one hierarchy. `v1`: controllers apart. `hybrid`: controllers of v1, and a v2 hierarchy that holds
 * controllers too (crun refuses that); a v2 hierarchy without any, as systemd uses for itself, counts as `v1`.
 */
export type CgroupMode = 'v1' | 'v2' | 'hybrid' | 'none'

/** Facts about control groups. */
export interface CgroupFacts {
  readonly mode: CgroupMode
  /** Controllers that this process's group could hand on (v2), or that are mounted (v1); sorted. */
  readonly controllers: readonly string[]
  /** This process's group in the v2 hierarchy, absolute under /sys/fs/cgroup; undefined without one. */
  readonly path: string | undefined
  /** Whether this user may make groups below `path` (systemd's `Delegate=`, or root). */
  readonly delegated: boolean
}

const root = '/sys/fs/cgroup'
const cgroup2Magic = 0x63677270

/** What there is of control groups. Never throws. */
export function probeCgroups(): CgroupFacts {
  const memberships = readMemberships('self')
  const unified = memberships.find(({ hierarchy }) => hierarchy === '0')
  if (isCgroup2(root)) return pureV2(`${root}${unified?.path ?? '/'}`)
  const v1 = memberships
    .flatMap(({ hierarchy, controllers }) => (hierarchy === '0' ? [] : controllers))
    .filter((name) => !name.startsWith('name='))
  const v2 = isCgroup2(`${root}/unified`) ? words(`${root}/unified/cgroup.controllers`) : []
  const mode = v1.length === 0 && v2.length === 0 ? 'none' : v2.length > 0 ? 'hybrid' : 'v1'
  return {
    mode,
    controllers: [...new Set([...v1, ...v2])].toSorted(),
    path: undefined,
    delegated: mode !== 'none' && isWritable(`${root}/memory`),
  }
}

function pureV2(path: string): CgroupFacts {
  const clean = path.length > root.length + 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return {
    mode: 'v2',
    controllers: words(`${clean}/cgroup.controllers`).toSorted(),
    path: clean,
    delegated: isWritable(clean) && isWritable(`${clean}/cgroup.procs`),
  }
}

function isCgroup2(directory: string): boolean {
  try {
    return statfsSync(directory).type === cgroup2Magic
  } catch {
    return false
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function words(path: string): string[] {
  return read(path).trim().split(/\s+/).filter(Boolean)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
