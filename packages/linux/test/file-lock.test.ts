import { isPodwrightError } from '@podwright/conventions'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockFile, tryLockFile } from '../src/file-lock.ts'

let directory = ''
let path = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-lock-'))
  path = join(directory, 'lock')
})
afterEach(() => rmSync(directory, { recursive: true }))

const locked = expect.objectContaining({ code: 'ERR_FILE_LOCKED', retryable: true })

/** What util-linux's flock says: 0 when it gets the lock. */
const flockTool = (...options: readonly string[]): number | null => spawnSync('flock', ['-n', ...options, path, 'true']).status

describe('tryLockFile', () => {
  test('excludes a second one in the same process, until it is released', () => {
    const lock = tryLockFile(path)
    expect(lock).toBeDefined()
    expect(tryLockFile(path)).toBeUndefined()
    lock?.release()
    lock?.release()
    tryLockFile(path)?.release()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test("is the lock of util-linux's flock", () => {
    const lock = tryLockFile(path)
    expect(flockTool()).toBe(1)
    lock?.release()
    expect(flockTool()).toBe(0)
  })

  test('shared ones go together', () => {
    using first = tryLockFile(path, { exclusive: false })
    using second = tryLockFile(path, { exclusive: false })
    expect([first, second]).not.toContain(undefined)
    expect(tryLockFile(path)).toBeUndefined()
    expect(flockTool('--shared')).toBe(0)
    expect(flockTool()).toBe(1)
  })

  test('is not inherited by programs that are started', async () => {
    const lock = tryLockFile(path)
    const child = spawn('sleep', ['5'])
    await once(child, 'spawn')
    lock?.release()
    expect(flockTool()).toBe(0)
    child.kill()
  })

  test('a file that was replaced is locked anew', () => {
    using old = tryLockFile(path)
    rmSync(path)
    using fresh = tryLockFile(path)
    expect([old, fresh]).not.toContain(undefined)
    expect(existsSync(path)).toBe(true)
  })

  test('on a read-only file system, a file that is there is locked shared, and nothing is locked alone', ({ skip }) => {
    const disk = join(directory, 'disk')
    mkdirSync(disk)
    skip(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0, 'needs root, to mount a file system')
    try {
      path = join(disk, 'lock')
      tryLockFile(path)?.release()
      expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0)
      using shared = tryLockFile(path, { exclusive: false })
      expect(shared).toBeDefined()
      expect(flockTool('--shared')).toBe(0)
      expect(() => tryLockFile(path)).toThrow(expect.objectContaining({ code: 'ERR_FILE_READ_ONLY' }))
      expect(() => tryLockFile(join(disk, 'none'), { exclusive: false })).toThrow(expect.objectContaining({ code: 'ERR_FILE_READ_ONLY' }))
    } finally {
      spawnSync('umount', ['--lazy', disk])
    }
  })

  test('a missing directory is ENOENT', () => {
    expect(() => tryLockFile(join(directory, 'none/lock'))).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })
})

describe('lockFile', () => {
  test('waits for the kernel to release the lock of a killed process', async () => {
    const holder = spawn('flock', [path, 'sh', '-c', 'echo; exec sleep 100'], { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    await once(holder.stdout, 'data')
    await expect(lockFile(path, { timeoutMs: 20 })).rejects.toEqual(locked)
    const waiting = lockFile(path)
    process.kill(-(holder.pid ?? 0), 'SIGKILL')
    await using lock = await waiting
    expect(lock.path).toBe(path)
  })

  test('takes turns', async () => {
    let holders = 0
    let most = 0
    const work = async (): Promise<void> => {
      await using turn = await lockFile(path)
      expect(turn.path).toBe(path)
      most = Math.max(most, ++holders)
      await new Promise((resolve) => setTimeout(resolve, 1))
      holders--
    }
    await Promise.all(Array.from({ length: 20 }, work))
    expect(most).toBe(1)
  })

  test('without waiting, and after a time-out, it says that it is locked', async () => {
    using held = tryLockFile(path)
    expect(held).toBeDefined()
    await expect(lockFile(path, { wait: false })).rejects.toEqual(locked)
    const error = await lockFile(path, { timeoutMs: 5 }).catch((reason: unknown) => reason)
    expect(isPodwrightError(error, 'ERR_FILE_LOCKED') && error.message).toMatch(/another process holds it after \d+ ms/)
  })

  test('can be called off', async () => {
    using held = tryLockFile(path)
    expect(held).toBeDefined()
    const controller = new AbortController()
    const waiting = lockFile(path, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})
