import { tryLockFile } from '@podwright/linux'
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
  for (const pid of keepersOf(sandbox)) process.kill(pid, 'SIGKILL')
  const isFree = (): boolean => {
    using lock = tryLockFile(join(sandbox.root, 'keeper.lock'))
    return lock !== undefined
  }
  if (!(await eventually(isFree, (free) => free))) throw new Error('a killed keeper holds its lock')
}
