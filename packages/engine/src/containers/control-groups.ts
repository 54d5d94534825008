import type { ContainerTuning } from '@podwright/contracts'
import { systemCodeOf } from '@podwright/conventions'
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { posix } from 'node:path'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

const root = '/sys/fs/cgroup'

/** How long processes that were killed may take to leave their group. */
const patienceMs = 2_000

/** A container's control group, in each hierarchy. */
export function controlGroupPath(id: string, { cgroupParent = '/podwright' }: Pick<ContainerTuning, 'cgroupParent'> = {}): string {
  return posix.join('/', cgroupParent, id)
}

/**
 * Removes what is left of a container's control groups once the runtime has forgotten it. A runtime that is killed while it makes or removes them one by one
 * leaves some, and knows nothing of them: it notes a container after its groups are made.
 */
export async function removeControlGroups(parts: EngineParts, { id, settings }: Pick<ContainerRecord, 'id' | 'settings'>): Promise<void> {
  for (const path of groupPaths(controlGroupPath(id, settings.tuning))) if (existsSync(path)) await removeGroup(parts, path)
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
