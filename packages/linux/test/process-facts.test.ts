import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootId, isSameProcess, namespaceInode, readProcessStat } from '../src/process-facts.ts'

describe('readProcessStat', () => {
  test('reads the facts of this process', () => {
    expect(readProcessStat(process.pid)).toMatchObject({ pid: process.pid, parentPid: process.ppid, state: 'R' })
  })

  test('is not misled by a name with blanks and parentheses', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'podwright-stat-'))
    const program = join(directory, 'a) Z (b 1 2')
    copyFileSync('/bin/sleep', program)
    const child = spawn(program, ['100'], { detached: true })
    await once(child, 'spawn')
    const stat = readProcessStat(child.pid ?? 0)
    child.kill()
    rmSync(directory, { recursive: true })
    expect(stat).toMatchObject({ command: 'a) Z (b 1 2', parentPid: process.pid, session: child.pid, processGroup: child.pid })
    expect(stat?.state).toMatch(/^[RSD]$/)
  })

  test('is undefined for a process that is gone', async () => {
    const child = spawn('true')
    await once(child, 'close')
    expect(readProcessStat(child.pid ?? 0)).toBeUndefined()
  })
})

describe('isSameProcess', () => {
  const start = readProcessStat(process.pid)?.startTime ?? 0

  test('tells a process by its start time', () => {
    expect(isSameProcess(process.pid, start)).toBe(true)
    expect(isSameProcess(process.pid, start + 1)).toBe(false)
  })

  test('a zombie is not alive', async () => {
    // The shell becomes a program that never waits for the child.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 100'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
    await new Promise((resolve) => setTimeout(resolve, 400))
    const stat = readProcessStat(Number(pid))
    expect(stat?.state).toBe('Z')
    expect(isSameProcess(Number(pid), stat?.startTime ?? 0)).toBe(false)
    parent.kill()
  })
})

test('bootId is the one of the kernel', () => {
  expect(bootId()).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
})

test('namespaceInode names a namespace, and is undefined for no process', () => {
  expect(namespaceInode('self', 'user')).toBe(namespaceInode(process.pid, 'user'))
  expect(namespaceInode('self', 'user')).not.toBe(namespaceInode('self', 'mnt'))
  expect(namespaceInode(2 ** 22 + 1, 'net')).toBeUndefined()
})
