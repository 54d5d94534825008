import type { IdMap } from '@podwright/contracts'
import { isSameProcess, namespaceInode, readMounts, readProcessStat } from '@podwright/linux'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readIdMap } from '../src/id-map.ts'
import { livingPause, type PauseRecord } from '../src/pause-record.ts'
import { findPlainUser, type FixtureResult, runAs, userDirectory } from './fixtures/plain-user.ts'
import { skipUnless } from './fixtures/skip.ts'

const found = findPlainUser()
const skip = skipUnless(typeof found !== 'string', `entering user namespaces: ${String(found)}`)
const user = typeof found === 'string' ? { uid: -1, gid: -1, prefix: [] } : found

interface Report {
  readonly prefix: readonly string[]
  readonly same: boolean
  readonly pause: PauseRecord
  readonly expected: IdMap
  readonly idMap: IdMap
  readonly asked: number
  readonly inside?: { readonly uid: number; readonly uidMap: string }
  readonly code?: string
  readonly hint?: string
  readonly message?: string
}

let directory: ReturnType<typeof userDirectory>
beforeEach(() => (directory = userDirectory(user)))
afterEach(() => directory.remove())

async function enter(scenario: object = {}): Promise<Report> {
  return read(await runAs(user, 'enter.ts', [JSON.stringify({ directory: directory.path, ...scenario })]))
}

function read({ stdout, stderr }: FixtureResult): Report {
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Report
}

const alive = ({ pid, startTime }: PauseRecord): boolean => isSameProcess(pid, startTime)

/** A program in place of a tool. */
function script(name: string, body: string): string {
  const path = join(directory.path, name)
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

describe.skipIf(skip)('the pause process', () => {
  test('holds a user namespace with all ids, and a mount namespace that follows the host', async () => {
    const { prefix, same, pause, expected, idMap, asked, inside } = await enter({ task: true })
    expect(prefix).toEqual([expect.stringMatching(/^\/.*nsenter$/), '-t', String(pause.pid), '-U', '-m', '--preserve-credentials', '--'])
    expect(same).toBe(true)
    expect(idMap).toEqual(expected)
    expect(idMap.uids[0]).toEqual({ containerId: 0, hostId: user.uid, size: 1 })
    expect(inside).toMatchObject({ uid: 0 })
    expect(inside?.uidMap).toBe(readFileSync(`/proc/${pause.pid}/uid_map`, 'utf8'))
    // Asked once, for there was none before.
    expect(asked).toBe(1)
    const propagation = readMounts(pause.pid).flatMap((mount) => mount.propagation)
    expect(propagation.filter((word) => word.startsWith('shared:'))).toEqual([])
  })

  test('keeps nothing of ours in use', async () => {
    const { pause } = await enter()
    await expect.poll(() => readFileSync(`/proc/${pause.pid}/cmdline`, 'utf8')).toMatch(/catatonit|sleep/)
    const proc = `/proc/${pause.pid}`
    const descriptors = readdirSync(`${proc}/fd`).map((fd) => readlinkSync(`${proc}/fd/${fd}`))
    expect(descriptors.filter((target) => target !== '/dev/null' && !target.startsWith('anon_inode:'))).toEqual([])
    expect(readlinkSync(`${proc}/cwd`)).toBe('/')
    expect(readFileSync(`${proc}/environ`, 'utf8')).toMatch(/^PATH=\/usr\/bin:\/bin\0(PWD=\/\0|OLDPWD=[^\0]*\0|_=[^\0]*\0)*$/)
    expect(readProcessStat(pause.pid)).toMatchObject({ session: pause.pid, processGroup: pause.pid })
  })

  test('makes files read-only inside, where it can, and only there', async () => {
    const program = script('program', 'exit 0')
    const missing = join(directory.path, 'missing')
    const { pause } = await enter({ readOnlyFiles: [missing, program] })
    const mounts = (): string[] => readMounts(pause.pid).flatMap(({ target, options }) => (options.includes('ro') ? [target] : []))
    await expect.poll(mounts).toContain(program)
    expect(mounts()).not.toContain(missing)
    expect(readMounts('self').map(({ target }) => target)).not.toContain(program)
    await expect.poll(() => readFileSync(`/proc/${pause.pid}/cmdline`, 'utf8')).toMatch(/catatonit|sleep/)
  })

  test('is there for the next command, and asks nobody', async () => {
    const first = await enter()
    const second = await enter()
    expect(second.pause).toEqual(first.pause)
    expect(second.asked).toBe(0)
  })

  test('is one, however many come first', async () => {
    const reports = await Promise.all(Array.from({ length: 4 }, () => enter()))
    expect(new Set(reports.map(({ pause }) => pause.pid)).size).toBe(1)
    expect(holders(reports[0]?.pause.userNamespace)).toHaveLength(1)
  })

  test('is made anew when it died, and its pid now is that of another process', async () => {
    const { pause } = await enter()
    process.kill(pause.pid, 'SIGKILL')
    await expect.poll(() => alive(pause)).toBe(false)
    const path = join(directory.path, 'pause.json')
    writeFileSync(path, JSON.stringify({ ...pause, pid: process.pid }))
    const again = await enter()
    expect(again.pause.pid).not.toBe(pause.pid)
    expect(alive(again.pause)).toBe(true)
  })

  test.each(['', '{', '{"pid":1}', 'null'])('is made anew when its record reads %j', async (text) => {
    writeFileSync(join(directory.path, 'pause.json'), text)
    expect(alive((await enter()).pause)).toBe(true)
  })

  test('works with sleep where there is no catatonit', async () => {
    const { pause } = await enter({ tools: { catatonit: '' } })
    await expect.poll(() => readProcessStat(pause.pid)?.command).toBe('sleep')
  })

  test('leaves nothing when its maker is killed in the middle, and the next one makes it', async () => {
    const started = join(directory.path, 'started')
    const newuidmap = script('newuidmap', `echo "$1" > ${started}.new; mv ${started}.new ${started}; sleep 100`)
    chmodSync(directory.path, 0o777)
    let kill = (): void => {}
    const scenario = JSON.stringify({ directory: directory.path, tools: { newuidmap } })
    const dying = runAs(user, 'enter.ts', [scenario], { onSpawn: (end) => (kill = end) })
    await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true)
    const half = Number(readFileSync(started, 'utf8'))
    const start = readProcessStat(half)?.startTime ?? 0
    expect(namespaceInode(half, 'user')).not.toBe(namespaceInode('self', 'user'))
    kill()
    await dying
    await expect.poll(() => isSameProcess(half, start)).toBe(false)
    expect(livingPause(directory.path)).toBeUndefined()
    const { pause } = await enter()
    expect(alive(pause)).toBe(true)
    for (const pid of processesOf('sleep', newuidmap)) process.kill(pid, 'SIGKILL')
  })

  test('that is lost comes back through a process that lives in its namespace', async () => {
    const { pause, prefix } = await enter()
    // A monitor: in the user namespace, in a mount namespace of its own.
    const words = [...user.prefix, ...prefix, 'unshare', '--mount', '--', 'sleep', '100']
    const monitor = spawn(words[0] ?? '', words.slice(1), { stdio: 'ignore' })
    await once(monitor, 'spawn')
    await expect.poll(() => readProcessStat(monitor.pid ?? 0)?.command).toBe('sleep')
    try {
      process.kill(pause.pid, 'SIGKILL')
      await expect.poll(() => alive(pause)).toBe(false)
      const again = await enter({ survivors: [1, process.pid, monitor.pid], task: true })
      expect(again.pause.pid).not.toBe(pause.pid)
      expect(again.pause.userNamespace).toBe(pause.userNamespace)
      expect(again.pause.mountNamespace).not.toBe(namespaceInode(monitor.pid ?? 0, 'mnt'))
      expect(again.idMap).toEqual(readIdMap(monitor.pid))
      expect(again.inside?.uid).toBe(0)
      expect(again.asked).toBe(1)
    } finally {
      monitor.kill('SIGKILL')
    }
  })

  test('is made anew when those that live belong to other namespaces', async () => {
    const { pause } = await enter()
    const other = userDirectory(user)
    try {
      const scenario = JSON.stringify({ directory: other.path })
      const foreign = read(await runAs(user, 'enter.ts', [scenario])).pause
      process.kill(pause.pid, 'SIGKILL')
      await expect.poll(() => alive(pause)).toBe(false)
      const again = await enter({ survivors: [foreign.pid, 2 ** 22 + 1] })
      expect([pause.userNamespace, foreign.userNamespace].indexOf(again.pause.userNamespace)).not.toBe(1)
    } finally {
      other.remove()
    }
  })
})

describe.skipIf(skip)('what keeps a user from it', () => {
  test('no range of ids', async () => {
    writeFileSync(join(directory.path, 'subuid'), '# nobody\n')
    const { code, hint, message } = await enter({ subuidPath: join(directory.path, 'subuid') })
    expect(code).toBe('ERR_USERNS_NO_SUBIDS')
    expect(message).toBe('cannot make the user namespace: subordinate user ids: no range in /etc/subuid')
    expect(hint).toMatch(/^sudo usermod --add-subuids \d+-\d+ --add-subgids \d+-\d+ \S+$/)
    expect(livingPause(directory.path)).toBeUndefined()
  })

  test('newuidmap is missing', async () => {
    const { code, hint } = await enter({ tools: { newuidmap: '' } })
    expect(code).toBe('ERR_USERNS_NEWUIDMAP_MISSING')
    expect(hint).toMatch(/uidmap|shadow/)
  })

  test('newuidmap has no privilege', async () => {
    const newuidmap = script('newuidmap', 'echo "write to uid_map failed: Operation not permitted" >&2; exit 1')
    const { code, hint } = await enter({ tools: { newuidmap } })
    expect(code).toBe('ERR_USERNS_NEWUIDMAP_NOT_PRIVILEGED')
    expect(hint).toMatch(/chmod u\+s|remount,suid/)
  })

  test('anything else is told in the words of the tool, and nothing is left', async () => {
    const unshare = script('unshare', 'echo "unshare: unshare failed: No space left on device" >&2; exit 1')
    const { code, message } = await enter({ tools: { unshare } })
    expect(code).toBe('ERR_USERNS_CREATE')
    expect(message).toMatch(/No space left on device/)
    const ranges = join(directory.path, 'subuid')
    writeFileSync(ranges, `${user.uid}:300000000:70000\n`)
    const refused = await enter({ subuidPath: ranges })
    expect(refused.code).toBe('ERR_USERNS_CREATE')
    expect(refused.message).toMatch(/newuidmap/)
    expect(readdirSync(directory.path)).not.toContain('pause.json')
  })
})

describe.skipIf(skip)('a directory of state', () => {
  test('is made, and what is in it is for its owner alone', async () => {
    const path = join(directory.path, 'deep/er')
    await enter({ directory: path })
    const modes = execFileSync('stat', ['-c', '%a', path, join(path, 'pause.json'), join(path, 'pause.lock')], { encoding: 'utf8' })
    expect(modes.trim().split('\n')).toEqual(['700', '600', '600'])
    const pause = livingPause(path)
    process.kill(pause?.pid ?? 0, 'SIGKILL')
    mkdirSync(join(directory.path, 'kept'))
  })
})

/** Processes whose user namespace that is. */
function holders(namespace: number | undefined): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => namespaceInode(pid, 'user') === namespace)
}

function processesOf(command: string, parentProgram: string): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  return pids.filter((pid) => {
    const stat = readProcessStat(pid)
    if (stat?.command !== command && stat?.command !== 'newuidmap') return false
    const lines = [pid, stat.parentPid].map((each) => cmdline(each))
    return lines.some((line) => line.includes(parentProgram))
  })
}

function cmdline(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
