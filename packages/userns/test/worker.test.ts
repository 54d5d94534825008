import type { NamespaceSession } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { isSameProcess, readProcessStat } from '@podwright/linux'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHostExecutor } from '../src/namespace-executor.ts'
import { nodeOptions } from './fixtures/plain-user.ts'
import { count, die, echo, facts, fail, hang } from './fixtures/task-handlers.ts'

const workerEntry = { path: join(import.meta.dirname, 'fixtures/worker.ts'), execArgv: nodeOptions }
const executor = createHostExecutor({ workerEntry })

let directory = ''
let session: NamespaceSession
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-worker-'))
  session = await executor.open()
})
afterAll(async () => {
  await session[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('the host executor', () => {
  test('has nothing before a command', async () => {
    expect([executor.rootless, executor.idMap(), await executor.prefix()]).toEqual([false, undefined, []])
  })
})

describe('a worker', () => {
  test('takes and gives JSON, large and not ASCII', async () => {
    const value = { text: 'ä€🎉\n'.repeat(200_000), list: [1, null, { deep: true }] }
    expect(await session.run(echo, value)).toEqual(value)
  })

  test('has next to no environment, and is in the root directory', async () => {
    const { env, cwd } = await session.run(facts, null)
    expect(cwd).toBe('/')
    expect(env.filter((name) => !['HOME', 'PATH', 'TMPDIR'].includes(name))).toEqual([])
  })

  test('runs tasks side by side, each with its progress', async () => {
    const seen: Record<number, number[]> = { 3: [], 500: [] }
    const run = (to: number): Promise<string> => session.run(count, { to }, { onProgress: ({ at }) => seen[to]?.push(at) })
    expect(await Promise.all([run(500), run(3)])).toEqual(['counted to 500', 'counted to 3'])
    expect(seen).toEqual({ 3: [1, 2, 3], 500: Array.from({ length: 500 }, (_, index) => index + 1) })
  })

  test('a listener that throws breaks nothing', async () => {
    const onProgress = (): never => {
      throw new Error('mine')
    }
    expect(await session.run(count, { to: 2 }, { onProgress })).toBe('counted to 2')
  })

  test('gives back our errors whole', async () => {
    const error = await rejection(session.run(fail, { how: 'ours' }))
    expect(isPodwrightError(error, 'ERR_TEST')).toBe(true)
    expect(error).toMatchObject({ name: 'PodwrightError', message: 'it failed', hint: 'try again', retryable: true, details: { n: 7 } })
    expect((error as Error).cause).toMatchObject({ name: 'TypeError', message: 'why' })
    expect((error as Error).stack).toContain('task-handlers.ts')
  })

  test("gives back the system's errors, aggregates, and what is not JSON", async () => {
    const system = await rejection(session.run(fail, { how: 'system' }))
    expect(system).toMatchObject({ code: 'ENOENT', errno: -2, syscall: 'open', path: '/missing' })
    expect(isPodwrightError(system)).toBe(false)
    const aggregate = await rejection(session.run(fail, { how: 'aggregate' }))
    expect(aggregate).toMatchObject({ message: 'two', errors: [{ name: 'RangeError', message: 'a' }, { code: 'ERR_B' }] })
    expect(await rejection(session.run(fail, { how: 'circular' }))).toMatchObject({ code: 'ERR_TEST', details: {} })
    expect(await rejection(session.run(fail, { how: 'nothing known' }))).toMatchObject({ code: 'ERR_NAMESPACE_TASK' })
  })

  test('says which task it lacks, and why one could not be loaded', async () => {
    for (const name of ['test.none', 'none.none', 'constructor.name', 'broken.task']) {
      expect(await rejection(session.run({ name }, null))).toMatchObject({
        code: 'ERR_NAMESPACE_TASK',
        message: expect.stringContaining(name),
      })
    }
    expect(await session.run({ name: 'single.whoami' }, null)).toBe(process.getuid?.())
  })

  test('an abort lets the task tidy up, then rejects with the reason of the caller', async () => {
    const controller = new AbortController()
    const tidied = join(directory, 'tidied')
    const running = session.run(hang, { tidied }, { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) })
    expect(await rejection(running)).toMatchObject({ message: 'enough' })
    expect(readFileSync(tidied, 'utf8')).toBe('yes')
    expect(await rejection(session.run(echo, 1, { signal: controller.signal }))).toMatchObject({ message: 'enough' })
    expect(await session.run(echo, 'still there')).toBe('still there')
  })
})

describe('the end of a worker', () => {
  test('that dies fails its tasks, with its last words, and those to come', async () => {
    await using dying = await executor.open()
    const [first, second] = await Promise.all([rejection(dying.run(die, null)), rejection(dying.run(die, null))])
    for (const error of [first, second, await rejection(dying.run(echo, 1))]) {
      expect(error).toMatchObject({ code: 'ERR_NAMESPACE_WORKER', message: expect.stringMatching(/killed by SIGKILL: last words$/) })
    }
  })

  test('that can not be started says why', async () => {
    const noEntry = createHostExecutor({ workerEntry: { path: '/missing/worker.ts' } })
    expect(await rejection(noEntry.run(echo, 1))).toMatchObject({
      code: 'ERR_NAMESPACE_WORKER',
      message: expect.stringMatching(/Cannot find module/),
    })
  })

  test('comes with disposal, which calls off what runs', async () => {
    const own = await executor.open()
    const { pid } = await own.run(facts, null)
    const start = readProcessStat(pid)?.startTime ?? 0
    const tidied = join(directory, 'disposed')
    let started: () => void = () => {}
    const ready = new Promise<void>((resolve) => (started = resolve))
    const running = rejection(own.run(hang, { tidied }, { onProgress: started }))
    await ready
    await own[Symbol.asyncDispose]()
    expect(await running).toMatchObject({ name: 'AbortError' })
    expect(readFileSync(tidied, 'utf8')).toBe('yes')
    expect(isSameProcess(pid, start)).toBe(false)
  })

  test("comes with its caller's, even by kill -9, and calls off what runs", async () => {
    const tidied = join(directory, 'orphaned')
    const caller = spawn(process.execPath, [...nodeOptions, join(import.meta.dirname, 'fixtures/caller.ts'), tidied], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [text] = (await once(caller.stdout, 'data')) as [Buffer]
    const pid = Number(text)
    const start = readProcessStat(pid)?.startTime ?? 0
    expect(isSameProcess(pid, start)).toBe(true)
    caller.kill('SIGKILL')
    await expect.poll(() => isSameProcess(pid, start), { timeout: 10_000 }).toBe(false)
    expect(readFileSync(tidied, 'utf8')).toBe('yes')
  })

  test('begins nothing for a caller that was killed right after it asked', async () => {
    const path = join(directory, 'written-for-nobody')
    const worker = spawn(process.execPath, [...nodeOptions, workerEntry.path], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
    const channel = worker.stdio[3] as Duplex
    channel.end(`${JSON.stringify({ id: 1, task: 'test.write', args: { path } })}\n`)
    channel.resume()
    await once(worker, 'exit')
    expect(existsSync(path)).toBe(false)
  })

  test('is not waited for by a caller that forgets it', async () => {
    const caller = spawn(process.execPath, [...nodeOptions, join(import.meta.dirname, 'fixtures/caller.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [code] = (await once(caller, 'close')) as [number]
    expect(code).toBe(0)
  })
})
