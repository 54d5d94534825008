import { spawn, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { readProcessDetails } from '../src/process-details.ts'

describe('readProcessDetails', () => {
  test('of this process agrees with what Node says', () => {
    const details = readProcessDetails(process.pid)
    expect(details).toMatchObject({ pid: process.pid, parentPid: process.ppid, state: expect.stringMatching(/^[RS]$/) })
    expect(details?.userIds).toEqual(Array(4).fill(process.getuid?.()))
    expect(process.getgroups?.()).toEqual(expect.arrayContaining([...(details?.groups ?? [])]))
    expect(details?.pids[0]).toBe(process.pid)
    expect(details?.residentBytes).toBeGreaterThan(10_000_000)
    expect(details?.threads).toBeGreaterThan(1)
    const cpu = process.cpuUsage()
    expect(Math.abs((details?.cpuMs ?? 0) - (cpu.user + cpu.system) / 1000)).toBeLessThan(200)
  })

  test('a name may hold parentheses and blanks, and arguments may be empty', async () => {
    const child = spawn('sh', ['-c', 'exec -a "a) S (b" sleep 60 "" 2>/dev/null || exec sleep 60'], { argv0: 'x ) R 1 (' })
    await once(child, 'spawn')
    try {
      expect(readProcessDetails(child.pid ?? 0)).toMatchObject({ pid: child.pid, parentPid: process.pid })
      const [name, ...nice] = execFileSync('ps', ['-o', 'comm=,ni=,pgid=', '-p', String(child.pid)], { encoding: 'utf8' })
        .trim()
        .split(/ +/)
      const details = readProcessDetails(child.pid ?? 0)
      expect([details?.command, String(details?.nice), String(details?.processGroups[0])]).toEqual([name, ...nice])
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })

  test('of what is gone there are none', () => {
    expect(readProcessDetails(2 ** 22 + 1)).toBeUndefined()
  })
})
