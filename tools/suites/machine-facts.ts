import { existsSync, readFileSync } from 'node:fs'
import type { MachineFacts } from './skips.ts'

/** Looks at the machine that the tests run on. */
export function machineFacts(): MachineFacts {
  return {
    isRoot: process.getuid?.() === 0,
    hasSystemd: existsSync('/run/systemd/system'),
    hasCgroup2: existsSync('/sys/fs/cgroup/cgroup.controllers'),
    hasAppArmor: readsAs('/sys/module/apparmor/parameters/enabled', 'Y'),
    hasSelinux: existsSync('/sys/fs/selinux/enforce'),
  }
}

function readsAs(path: string, expected: string): boolean {
  try {
    return readFileSync(path, 'utf8').trim() === expected
  } catch {
    return false
  }
}
