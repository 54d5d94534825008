import { setTimeout as sleep } from 'node:timers/promises'
import { pull } from './actions.ts'
import { type Contender, run } from './contender.ts'
import { allPids, linkOf, namesIn, pssOf, textOf } from './processes.ts'

/** A process that is there while a container does nothing. */
export interface IdleProcess {
  readonly command: string
  /** Pss, in bytes. */
  readonly bytes: number
}

/** What one more container that does nothing keeps in memory, besides its own processes. */
export async function measureIdle(contender: Contender, image: string): Promise<readonly IdleProcess[]> {
  pull(contender, image)
  const start = (name: string): string => run(contender, 'run', '-d', '--network', 'none', '--name', name, image, 'sleep', '1000')
  start('idle-1')
  await sleep(1500)
  const known = new Set(allPids())
  const id = start('idle-2')
  await sleep(1500)
  const idle = newProcesses(known, [...contender.marks, id])
  run(contender, 'rm', '-f', 'idle-1', 'idle-2')
  return idle
}

/** What many idle containers, and whoever serves them, keep in memory besides the containers' own processes. Bytes. */
export async function measureManyIdle(contender: Contender, image: string, count: number): Promise<number> {
  pull(contender, image)
  const ids = Array.from({ length: count }, () => run(contender, 'run', '-d', '--network', 'none', image, 'sleep', '1000'))
  await sleep(1500)
  const bytes = newProcesses(new Set(), [...contender.marks, ...ids]).reduce((sum, process) => sum + process.bytes, 0)
  // Podman would wait for ten seconds until it kills.
  run(contender, 'rm', '-f', ...(contender.name === 'podman' ? ['-t', '0'] : []), ...ids)
  return bytes
}

/**
 * The processes that are not among `known` and belong to whom `marks` are: one is in their command line, their environment, their working directory or the path
 * of a file that they have open. A container's own are not among them (they are in another pid namespace), nor are those that ended and wait for their parent.
 */
export function newProcesses(known: ReadonlySet<number>, marks: readonly string[]): readonly IdleProcess[] {
  const own = linkOf('/proc/self/ns/pid')
  return allPids()
    .filter((pid) => !known.has(pid) && pid !== process.pid && linkOf(`/proc/${pid}/ns/pid`) === own)
    .filter((pid) => namesOf(pid).some((name) => marks.some((mark) => name.includes(mark))))
    .map((pid) => ({ command: textOf(`/proc/${pid}/comm`).trim(), bytes: pssOf(pid) }))
    .filter(({ bytes }) => bytes > 0)
}

/** Everything by which a process tells whose it is. */
function namesOf(pid: number): readonly string[] {
  const at = `/proc/${pid}`
  const open = namesIn(`${at}/fd`).map((fd) => linkOf(`${at}/fd/${fd}`))
  return [textOf(`${at}/cmdline`), textOf(`${at}/environ`), linkOf(`${at}/cwd`), ...open]
}
