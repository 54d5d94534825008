import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { testUserName } from '@podwright/e2e/test-user'
import type { EnvironmentStep } from './environment-step.ts'

/** Makes that user; useradd allots ranges of subordinate ids. */
export const testUserStep: EnvironmentStep = {
  title: `make the user ${testUserName}, for tests that run rootless`,
  isNeeded: () => !hasLineOf('/etc/passwd'),
  apply: () => void execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', testUserName]),
}

/** For where useradd allots none. The range lies above what useradd hands out, so that it is nobody else's. */
export const testUserRangesStep: EnvironmentStep = {
  title: `give ${testUserName} ranges of subordinate ids`,
  isNeeded: () => hasLineOf('/etc/passwd') && !(hasLineOf('/etc/subuid') && hasLineOf('/etc/subgid')),
  apply: () => {
    const range = '700000000-700065535'
    execFileSync('usermod', ['--add-subuids', range, '--add-subgids', range, testUserName])
  },
}

function hasLineOf(file: string): boolean {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${testUserName}:`))
  } catch {
    return false
  }
}
