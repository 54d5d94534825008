import { isSameProcess, readProcessStat, tryLockFile } from '@podwright/linux'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EngineSandbox, eventually } from './sandbox.ts'

/** Pids of the keepers of a sandbox. */
export function keepersOf({ root }: EngineSandbox): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return words.includes(root) && words.some((word) => /\/keeper\.(ts|m?js)$/.test(word))
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Kills them, and waits until the lock of a keeper is free: its command line is gone before. */
export async function killKeepers(sandbox: EngineSandbox): Promise<void> {
  const killed = keepersOf(sandbox).map((pid) => ({ pid, startTime: readProcessStat(pid)?.startTime ?? 0 }))
  for (const { pid } of killed) process.kill(pid, 'SIGKILL')
  // One that was just being started has no lock yet, and is taken for one on its way until it is gone.
  const isGone = (): boolean => !killed.some(({ pid, startTime }) => isSameProcess(pid, startTime))
  if (!(await eventually(isGone, (gone) => gone))) throw new Error('a killed keeper is still there')
  const isFree = (): boolean => {
    using lock = tryLockFile(join(sandbox.root, 'keeper.lock'))
    return lock !== undefined
  }
  if (!(await eventually(isFree, (free) => free))) throw new Error('a killed keeper holds its lock')
}
