import { readdirSync, readFileSync } from 'node:fs'
import type { EngineSandbox } from './sandbox.ts'

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
