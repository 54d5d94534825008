import { isPodwrightError } from '@podwright/conventions'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { containerFiles } from '../containers/files.ts'
import { endProcesses, processesWithBundle } from '../containers/sweep.ts'
import type { EngineParts } from '../parts.ts'

const containerId = /^[0-9a-f]{64}$/

/** Runtimes that keep a directory for each container below the run root. */
const runtimeNames = ['crun', 'runc', 'youki']

/** What a runtime knows of a container. */
export interface RuntimeTrace {
  readonly runtime: string
  readonly id: string
  /** Absolute. */
  readonly path: string
}

/** The directories that runtimes keep. @param names of runtimes besides the known ones */
export function runtimeTraces({ paths }: EngineParts, names: readonly string[] = []): RuntimeTrace[] {
  return [...new Set([...runtimeNames, ...names])].flatMap((runtime) => {
    const directory = join(paths.runRoot, runtime)
    return entriesOf(directory)
      .filter((id) => containerId.test(id))
      .map((id) => ({ runtime, id, path: join(directory, id) }))
  })
}

/** Ids that have a directory among the containers'; what else lies there is nobody's of ours. */
export function containerDirectories({ paths }: EngineParts): string[] {
  return entriesOf(paths.containers).filter((name) => containerId.test(name.replace(/\.gone$/, '')))
}

/** Whether processes of a container live, recorded or not. */
export async function hasProcesses(parts: EngineParts, id: string): Promise<boolean> {
  if (processesWithBundle(containerFiles(parts.paths, id).directory).length > 0) return true
  for (const trace of runtimeTraces(parts).filter((other) => other.id === id)) {
    const state = await (await runtimeOf(parts, trace))?.state(id).catch(() => undefined)
    if (state !== undefined && state.status !== 'stopped') return true
  }
  return false
}

/** Ends the processes of a container, and has its runtime forget it. */
export async function endStray(parts: EngineParts, id: string): Promise<void> {
  await endProcesses(parts, containerFiles(parts.paths, id).directory)
  for (const trace of runtimeTraces(parts).filter((other) => other.id === id)) await forgetTrace(parts, trace)
}

/** Has a runtime forget a container, and kill it if it lives. Of one that isn't installed any more, or that can't read what it wrote, the directory goes. */
export async function forgetTrace(parts: EngineParts, trace: RuntimeTrace): Promise<void> {
  await (await runtimeOf(parts, trace))?.delete(trace.id, { force: true }).catch(() => undefined)
  rmSync(trace.path, { recursive: true, force: true })
}

async function runtimeOf(
  parts: EngineParts,
  { runtime }: RuntimeTrace,
): Promise<Awaited<ReturnType<EngineParts['runtime']>>['runtime'] | undefined> {
  try {
    return (await parts.runtime(runtime)).runtime
  } catch (error) {
    if (isPodwrightError(error)) return undefined
    throw error
  }
}

/** The names in a directory; none when it isn't there. */
export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
