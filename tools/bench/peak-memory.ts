import { spawn } from 'node:child_process'
import type { Contender } from './contender.ts'
import { allPids, parentOf, pssOf, textOf } from './processes.ts'

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

function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + pssOf(pid), 0)
}
