import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Contender } from './contender.ts'

const sampleEveryMs = 20

/**
 * Runs a command and samples the memory of all its processes together: what they have for themselves and their part of what they share
 * (the Pss of proc(5)).
 *
 * @returns the largest sum, in bytes.
 */
export async function peakMemory(contender: Contender, args: readonly string[]): Promise<number> {
  const [program, ...first] = contender.words
  const { uid, gid, env } = contender
  // Whoever leaves the tree (its parent is gone) is still known by its environment.
  const mark = `PODWRIGHT_BENCH=${process.hrtime.bigint()}`
  const [name, value] = mark.split('=') as [string, string]
  const child = spawn(program, [...first, ...args], {
    cwd: '/',
    env: { ...env, [name]: value },
    stdio: 'ignore',
    ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
  })
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(processesBelow(child.pid ?? 0, mark)))
  }, sampleEveryMs)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  clearInterval(timer)
  if (code !== 0) throw new Error(`${contender.name} ${args.join(' ')}: exit ${code}`)
  return peak
}

/** A process that is there while a container does nothing. */
export interface IdleProcess {
  readonly command: string
  /** Pss, in bytes. */
  readonly bytes: number
}

/**
 * A user's processes that are not among `known`, but for a container's own (they are in another pid namespace), and those that ended and wait for
 * their parent. With a user that does nothing else, as the tests' user, these are the contender's.
 */
export function newProcesses(known: ReadonlySet<number>, uid: number | undefined): readonly IdleProcess[] {
  const own = readlinkSync('/proc/self/ns/pid')
  return allPids()
    .filter((pid) => !known.has(pid) && linkOf(`/proc/${pid}/ns/pid`) === own && userOf(pid) === uid)
    .map((pid) => ({ command: textOf(`/proc/${pid}/comm`).trim(), bytes: pssOf(pid) }))
    .filter(({ bytes }) => bytes > 0)
}

function userOf(pid: number): number {
  return Number(/^Uid:\t(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? -1)
}

/** Every process id that is in use. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** The processes that a run directory's files name as the holders of its user's namespaces. */
export function processesHolding(runtime: string): readonly number[] {
  const podman = Number(textOf(`${runtime}/libpod/tmp/pause.pid`))
  const own = /"pid":(\d+)/.exec(findText(runtime, 'pause.json'))?.[1]
  return [podman, Number(own)].filter((pid) => pid > 1)
}

function findText(directory: string, name: string): string {
  const [found] = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(name))
  return found === undefined ? '' : textOf(`${directory}/${found}`)
}

function processesBelow(root: number, mark: string): number[] {
  const parents = new Map(allPids().map((pid) => [pid, parentOf(pid)]))
  const isBelow = (pid: number): boolean => {
    for (let current: number | undefined = pid; current !== undefined && current > 1; current = parents.get(current)) {
      if (current === root) return true
    }
    return textOf(`/proc/${pid}/environ`).includes(mark)
  }
  return [...parents.keys()].filter((pid) => pid !== process.pid && isBelow(pid))
}

/** proc_pid_stat(5): the second field is a name in parentheses, which may hold anything; the fourth is the parent. */
function parentOf(pid: number): number | undefined {
  const stat = textOf(`/proc/${pid}/stat`)
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return rest[1] === undefined ? undefined : Number(rest[1])
}

function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + pssOf(pid), 0)
}

function pssOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended meanwhile.
    return ''
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
