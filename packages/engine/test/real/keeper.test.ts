import type { ContainerOptions, ContainerSummary } from '@podwright/contracts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { cannotRun } from '../support/busybox.ts'
import { keepersOf, killKeepers } from '../support/keepers.ts'
import { callAndKill } from '../support/kill-client.ts'
import { type EngineSandbox, eventually, openSandbox, processesLeft } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: the keeper: ${cannotRun}\n`)

describe.skipIf(cannotRun !== undefined)('the keeper', () => {
  let sandbox: EngineSandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterEach(async () => {
    for (const { id } of await sandbox.engine.containers.list({ all: true })) await sandbox.engine.containers.remove(id, { force: true })
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  const started = async (script: string, more: Partial<ContainerOptions> = {}): Promise<string> => {
    const { containers } = sandbox.engine
    const wish = { image: 'busybox', command: ['sh', '-c', script], network: 'none', stopTimeoutSeconds: 0, ...more } as const
    const { id } = await containers.create(wish)
    await containers.start(id)
    return id
  }
  const summary = async (id: string): Promise<ContainerSummary> => {
    const found = (await sandbox.engine.containers.list({ all: true })).find((container) => container.id === id)
    if (found === undefined) throw new Error(`${id} is gone`)
    return found
  }
  const restartsOf = async (id: string): Promise<number> => (await summary(id)).state.restartCount ?? 0
  const noKeeper = async (): Promise<void> =>
    expect(
      await eventually(
        () => keepersOf(sandbox),
        (pids) => pids.length === 0,
      ),
    ).toEqual([])
  const oneKeeper = async (): Promise<void> =>
    expect(
      await eventually(
        () => keepersOf(sandbox),
        (pids) => pids.length === 1,
      ),
    ).toHaveLength(1)
  test('is there for none that is plain, one for all that need it, and gone with the last', async () => {
    const { containers } = sandbox.engine
    const plain = await started('sleep 300')
    expect(keepersOf(sandbox)).toEqual([])
    const kept = [
      await started('sleep 300', { restart: { name: 'always' } }),
      await started('sleep 300', { restart: { name: 'on-failure' } }),
    ]
    // A second one sees that there is one, and ends.
    await oneKeeper()
    await containers.stop(kept[0]!)
    await containers.kill(kept[1]!)
    await noKeeper()
    for (const id of [plain, ...kept]) await containers.remove(id, { force: true })
  })

  test('starts again what has failed, as often as it may; a start by hand counts anew', async () => {
    const { containers } = sandbox.engine
    const id = await started('exit 3', { restart: { name: 'on-failure', maximumRetries: 2 } })
    const done = async (): Promise<ContainerSummary> => summary(id)
    const isDone = ({ state }: ContainerSummary): boolean => state.restartCount === 2 && state.exitCode === 3
    expect((await eventually(done, isDone)).state).toMatchObject({ restartCount: 2, exitCode: 3, restartAt: undefined })
    await noKeeper()
    await containers.start(id)
    expect(await restartsOf(id)).toBeLessThan(2)
    await eventually(done, isDone)
    await containers.remove(id)
    const well = await started('exit 0', { restart: { name: 'on-failure' } })
    const ended = await eventually(
      () => summary(well),
      ({ state }) => state.status === 'exited',
    )
    expect(ended.state).toMatchObject({ restartCount: 0, restartAt: undefined })
    await noKeeper()
    await containers.remove(well)
  })

  test('leaves alone what is stopped or killed while it waits or runs, and refuses nothing of a removal by force', async () => {
    const { containers } = sandbox.engine
    for (const end of ['stop', 'kill'] as const) {
      const id = await started('exit 1', { restart: { name: 'always' } })
      const waiting = await eventually(
        () => summary(id),
        ({ state }) => state.restartAt !== undefined && (state.restartCount ?? 0) >= 3,
      )
      expect(waiting.state.status).toBe('exited')
      await expect(containers.remove(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_RUNNING' })
      expect((await containers.prune()).containers).toEqual([])
      await containers[end](id)
      const { state } = await summary(id)
      expect(state.restartAt).toBeUndefined()
      await noKeeper()
      await sleep(1_000)
      expect(await restartsOf(id)).toBe(state.restartCount)
      await containers.remove(id)
    }
    const id = await started('exit 1', { restart: { name: 'always' } })
    await containers.remove(id, { force: true })
    await noKeeper()
    expect(sandbox.leftovers(id)).toEqual([])
  })

  test('one that is just ending, and will be started again, is not removed', async () => {
    const { containers } = sandbox.engine
    const id = await started('sleep 300', { restart: { name: 'always' } })
    const { state } = await summary(id)
    // Its process is dead, and its monitor has not told so yet.
    process.kill(state.monitorPid, 'SIGSTOP')
    process.kill(state.pid, 'SIGKILL')
    const removal = containers.remove(id).then(
      () => 'removed',
      (error: unknown) => error,
    )
    await sleep(200)
    process.kill(state.monitorPid, 'SIGCONT')
    expect(await removal).toMatchObject({ code: 'ERR_CONTAINER_RUNNING' })
    await containers.remove(id, { force: true })
    await noKeeper()
  })

  test('one that is just ending, and would be started again, ends for good when it is killed', async () => {
    const { containers } = sandbox.engine
    const id = await started('sleep 300', { restart: { name: 'always' } })
    const { state } = await summary(id)
    process.kill(state.monitorPid, 'SIGSTOP')
    process.kill(state.pid, 'SIGKILL')
    await sleep(200)
    try {
      await containers.kill(id)
    } finally {
      process.kill(state.monitorPid, 'SIGCONT')
    }
    await noKeeper()
    expect(await restartsOf(id)).toBe(0)
    await expect(containers.kill(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_RUNNING' })
    await containers.remove(id)
  })

  test('that is killed at any moment: the next command brings another, no restart is lost, and nothing runs twice', async () => {
    const { containers } = sandbox.engine
    const id = await started('echo begins; sleep 0.1; exit 1', { restart: { name: 'always' } })
    // Each restart is counted before it begins, so what has begun is never more than that.
    let allowed = 0
    for (let round = 0; round < 8; round++) {
      await sleep(round * 61)
      await killKeepers(sandbox)
      const before = await restartsOf(id)
      await oneKeeper()
      expect(
        await eventually(
          () => restartsOf(id),
          (count) => count > before,
        ),
      ).toBeGreaterThan(before)
      // Its back-off is not what is tried here.
      if (round !== 3) continue
      await containers.stop(id)
      allowed += (await restartsOf(id)) + 1
      await containers.start(id)
    }
    await containers.stop(id)
    allowed += (await restartsOf(id)) + 1
    const begins = readFileSync(join(sandbox.root, 'containers', id, 'ctr.log'), 'utf8').match(/begins/g) ?? []
    // Each of those killed may have counted one that it did not come to begin.
    expect(begins.length).toBeGreaterThan(1)
    expect(begins.length).toBeLessThanOrEqual(allowed)
    await containers.remove(id, { force: true })
    await noKeeper()
    expect(await processesLeft(sandbox, id)).toEqual([])
  }, 120_000)

  test('of which two are started at once: one stays', async () => {
    const { containers } = sandbox.engine
    const id = await started('sleep 300', { restart: { name: 'always' } })
    await killKeepers(sandbox)
    const entry = fileURLToPath(new URL('../../src/keeper.ts', import.meta.url))
    const args = ['-C', '@podwright/source', entry, '--root', sandbox.root, '--runroot', sandbox.runRoot]
    const children = [0, 1, 2].map(() => spawn(process.execPath, args, { stdio: 'ignore' }))
    const ended = children.map(async (child) => once(child, 'exit'))
    await Promise.race(ended)
    const left = await eventually(
      () => keepersOf(sandbox),
      (pids) => pids.length === 1,
    )
    expect(left).toHaveLength(1)
    await sleep(300)
    expect(keepersOf(sandbox)).toEqual(left)
    await containers.remove(id, { force: true })
    await Promise.all(ended)
    await noKeeper()
  })

  test('brings back a container that was killed together with its monitor, and one whose start by the client was cut off is found as it is', async () => {
    const { containers } = sandbox.engine
    const id = await started('sleep 300', { restart: { name: 'on-failure' } })
    const { pid, monitorPid } = (await summary(id)).state
    for (const each of [monitorPid, pid]) process.kill(each, 'SIGKILL')
    const back = await eventually(
      () => summary(id),
      ({ state }) => state.restartCount === 1 && state.status === 'running',
    )
    expect(back.state).toMatchObject({ status: 'running', restartCount: 1 })
    for (let round = 0; round < 4; round++) {
      await containers.stop(id)
      await callAndKill(sandbox, ['start', id], round * 40)
      const { status } = (await summary(id)).state
      expect(['created', 'initialized', 'running', 'exited']).toContain(status)
      await containers.stop(id)
    }
    await containers.remove(id, { force: true })
    await noKeeper()
  }, 60_000)
})
