import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import type { EnvironmentStep } from './environment-step.ts'

/** systemd makes the root mount shared; where no systemd runs, nobody did. */
export const sharedRootStep: EnvironmentStep = {
  title: 'make the mount / shared, as systemd does (mount --make-rshared /)',
  isNeeded: () => {
    const root = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[4] === '/')
    return root !== undefined && !/ shared:\d+/.test(root)
  },
  apply: () => void execFileSync('mount', ['--make-rshared', '/']),
}

const hugetlb = '/sys/fs/cgroup/hugetlb'
const unifiedControllers = '/sys/fs/cgroup/unified/cgroup.controllers'

/** crun refuses a hybrid hierarchy whose v2 half holds a controller; taken by a v1 mount, it is no longer there. */
export const hugetlbStep: EnvironmentStep = {
  title: `mount the hugetlb controller as cgroup v1, so that crun runs (${hugetlb})`,
  isNeeded: () => existsSync(unifiedControllers) && readFileSync(unifiedControllers, 'utf8').split(/\s+/).includes('hugetlb'),
  apply: () => {
    mkdirSync(hugetlb, { recursive: true })
    execFileSync('mount', ['-t', 'cgroup', '-o', 'hugetlb', 'cgroup', hugetlb])
  },
}
