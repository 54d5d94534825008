import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHostExecutor } from '../src/namespace-executor.ts'
import { runInside } from '../src/run-inside.ts'
import { findPlainUser, nodeOptions, runAs, userDirectory } from './fixtures/plain-user.ts'
import { skipUnless } from './fixtures/skip.ts'

const found = findPlainUser()
const skip = skipUnless(typeof found !== 'string', `entering user namespaces: ${String(found)}`)
const user = typeof found === 'string' ? { uid: -1, gid: -1, prefix: [] } : found
const host = createHostExecutor({ workerEntry: { path: '/nowhere' } })

describe('runInside', () => {
  test.each([
    ['true', ['true'], 0],
    ['a code', ['sh', '-c', 'exit 7'], 7],
    ['a signal', ['sh', '-c', 'kill -KILL $$'], 137],
    ['no such command', ['podwright-none'], 127],
    ['what can not be run', ['/etc/passwd'], 126],
  ])('%s', async (_, command, code) => {
    expect(await runInside(host, command, { stdio: 'ignore' })).toBe(code)
  })

  test('starts where it is told, with the environment given; in the root directory where that is not there', async () => {
    const check = (cwd: string, expected: string): Promise<number> =>
      runInside(host, ['sh', '-c', `test "$(pwd) $A" = "${expected} x"`], { stdio: 'ignore', cwd, env: { A: 'x', PATH: '/usr/bin:/bin' } })
    expect(await check('/usr', '/usr')).toBe(0)
    expect(await check('/missing', '/')).toBe(0)
  })

  test('an abort ends it', async () => {
    const signal = AbortSignal.timeout(50)
    const error = await runInside(host, ['sleep', '100'], { stdio: 'ignore', signal }).catch((reason: unknown) => reason)
    expect(error).toBe(signal.reason)
  })

  test('hands on signals, and leaves no listener', async () => {
    const before = process.listenerCount('SIGTERM')
    const program = join(import.meta.dirname, 'fixtures/run-inside.ts')
    const command = ['sh', '-c', 'trap "echo got it; exit 9" TERM; echo ready; while :; do sleep 0.05; done']
    const child = spawn(process.execPath, [...nodeOptions, program, '', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    await expect.poll(() => stdout, { timeout: 10_000 }).toBe('ready\n')
    child.kill('SIGTERM')
    await once(child, 'close')
    expect([stdout, stderr]).toEqual(['ready\ngot it\n', 'code 9\n'])
    expect(process.listenerCount('SIGTERM')).toBe(before)
  })
})

describe.skipIf(skip)('runInside, rootless', () => {
  let directory: ReturnType<typeof userDirectory>
  beforeAll(() => (directory = userDirectory(user)))
  afterAll(() => directory.remove())

  test('is root there, in the same directory', async () => {
    const command = ['sh', '-c', 'id -u; pwd; cat /proc/self/uid_map; exit 3']
    const { stdout, stderr } = await runAs(user, 'run-inside.ts', [directory.path, ...command])
    const [uid, cwd, ...map] = stdout.trim().split('\n')
    expect([uid, cwd]).toEqual(['0', tmpdir()])
    expect(map[0]?.trim().split(/\s+/)).toEqual(['0', String(user.uid), '1'])
    expect(stderr).toBe('code 3\n')
  })

  test.each([
    ['podwright-none', 127],
    ['/etc/passwd', 126],
  ])('%s: %d', async (command, code) => {
    expect((await runAs(user, 'run-inside.ts', [directory.path, command])).stderr).toMatch(new RegExp(`code ${code}\n$`))
  })
})
