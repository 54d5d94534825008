import { readProcessStat, runTool } from '@podwright/linux'
import { systemCodeOf } from '@podwright/conventions'
import { readdirSync } from 'node:fs'
import { processesWithBundle } from '../containers/sweep.ts'
import type { EngineParts } from '../parts.ts'

/** How long a monitor may take to end after its process. */
const monitorPatienceMs = 500

/** Kills what runs in a session of a container, with all that it has started, then its monitor. A session that is over has nobody. */
export async function endSession(parts: EngineParts, directory: string): Promise<void> {
  const monitors = processesWithBundle(directory)
  if (monitors.length === 0) return
  // All at once: who lost its parent is nobody's that could be found.
  await killAll(parts, descendantsOf(monitors))
  const deadline = parts.clock.now() + monitorPatienceMs
  while (processesWithBundle(directory).length > 0 && parts.clock.now() < deadline) await parts.clock.sleep(10)
  await killAll(parts, processesWithBundle(directory))
}

/** kill(2) where it is allowed; else inside the user namespace that the processes belong to. */
async function killAll(parts: EngineParts, pids: readonly number[]): Promise<void> {
  const others = pids.filter((pid) => !killed(pid))
  if (others.length === 0) return
  const [path = '', ...args] = [...(await (await parts.namespace()).prefix()), '/bin/sh', '-c', 'kill -9 "$@"', 'sh', ...others.map(String)]
  await runTool(path, args).catch(() => undefined)
}

function killed(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch (error) {
    return systemCodeOf(error) === 'ESRCH'
  }
}

function descendantsOf(pids: readonly number[]): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const parent = Number.isInteger(pid) ? readProcessStat(pid)?.parentPid : undefined
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)])
  return pids.flatMap(below)
}
