import type { ContainerTuning } from '@podwright/contracts'
import { systemCodeOf } from '@podwright/conventions'
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { posix } from 'node:path'
import type { EngineParts, RuntimePair } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

const root = '/sys/fs/cgroup'

/** How long processes that were killed may take to leave their group. */
const patienceMs = 2_000

/** Names the scopes of containers: `podwright-ID.scope`. */
const scopePrefix = 'podwright'

type Parent = Pick<ContainerTuning, 'cgroupParent'>

/** What the runtime-spec calls `cgroupsPath`: a path of each hierarchy, or, where systemd makes the group, `SLICE:PREFIX:NAME`. */
export function cgroupsPath(id: string, tuning: Parent = {}, { userManager }: Pick<RuntimePair, 'userManager'> = {}): string {
  if (userManager !== undefined) return `${tuning.cgroupParent ?? userSlice}:${scopePrefix}:${id}`
  return posix.join('/', tuning.cgroupParent ?? '/podwright', id)
}

const userSlice = 'user.slice'

/** A container's control group, below the root of each hierarchy. */
function groupPath(id: string, tuning: Parent = {}, { userManager }: Pick<RuntimePair, 'userManager'>): string {
  if (userManager === undefined) return cgroupsPath(id, tuning)
  return posix.join(userManager.group.slice(root.length), slicePath(tuning.cgroupParent ?? userSlice), `${scopePrefix}-${id}.scope`)
}

/** `a-b.slice` lies in `a.slice` (systemd.slice(5)). */
function slicePath(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-')
  return parts.map((_, at) => `${parts.slice(0, at + 1).join('-')}.slice`).join('/')
}

/**
 * Removes what is left of a container's control groups once the runtime has forgotten it. A runtime that is killed while it makes or removes them one by one
 * leaves some, and knows nothing of them: it notes a container after its groups are made.
 */
export async function removeControlGroups(
  parts: EngineParts,
  { id, settings }: Pick<ContainerRecord, 'id' | 'settings'>,
  pair: Pick<RuntimePair, 'userManager'>,
): Promise<void> {
  for (const path of groupPaths(groupPath(id, settings.tuning, pair))) if (existsSync(path)) await removeGroup(parts, path)
}

/** Of v1 in each hierarchy; of v2 below the root itself. */
function groupPaths(path: string): string[] {
  const hierarchies = existsSync(`${root}/cgroup.controllers`) ? [root] : list(root).map((name) => `${root}/${name}`)
  return hierarchies.map((hierarchy) => hierarchy + path)
}

async function removeGroup(parts: EngineParts, path: string): Promise<void> {
  for (const child of list(path)) await removeGroup(parts, `${path}/${child}`)
  const deadline = parts.clock.now() + patienceMs
  while (!isRemoved(path) && parts.clock.now() < deadline) {
    for (const pid of processesIn(path)) kill(pid)
    await parts.clock.sleep(5)
  }
}

function isRemoved(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT'
  }
}

function processesIn(path: string): number[] {
  try {
    return readFileSync(`${path}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** The directories in it; none when it is gone. */
function list(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return []
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
