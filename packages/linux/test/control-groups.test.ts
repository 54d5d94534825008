import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { controlGroupOf, isFrozen } from '../src/control-groups.ts'

describe('control groups', () => {
  test('a process is in those that its files name, and one that is gone is in none', () => {
    const group = controlGroupOf(process.pid, 'memory')
    const pids = group === undefined ? undefined : readFileSync(`${group.path}/cgroup.procs`, 'utf8').split('\n')
    expect(pids ?? [String(process.pid)]).toContain(String(process.pid))
    expect(controlGroupOf(2 ** 22 + 1, 'memory')).toBeUndefined()
  })

  describe('the freezer', () => {
    const group = controlGroupOf(process.pid, 'freezer')
    const path = `${group?.path}/podwright-test-${process.pid}`
    let child: ReturnType<typeof spawn> | undefined
    const made = ((): boolean => {
      try {
        mkdirSync(path)
        return true
      } catch {
        return false
      }
    })()
    beforeEach(() => {
      child = spawn('sleep', ['60'])
    })
    afterEach(async () => {
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      child?.kill('SIGKILL')
      await ended
      if (made) rmdirSync(path)
    })

    test('tells whether a process is frozen', async (context) => {
      context.skip(!made, 'needs root')
      const pid = child?.pid ?? 0
      writeFileSync(`${path}/cgroup.procs`, String(pid))
      expect(controlGroupOf(pid, 'freezer')?.path).toBe(path)
      expect(isFrozen(pid)).toBe(false)
      const [file, freeze, thaw] = group?.version === 1 ? ['freezer.state', 'FROZEN', 'THAWED'] : ['cgroup.freeze', '1', '0']
      writeFileSync(`${path}/${file}`, freeze ?? '')
      try {
        for (let attempt = 0; attempt < 100 && !isFrozen(pid); attempt++) await new Promise((resolve) => setTimeout(resolve, 10))
        expect(isFrozen(pid)).toBe(true)
      } finally {
        writeFileSync(`${path}/${file}`, thaw ?? '')
      }
    })
  })
})
