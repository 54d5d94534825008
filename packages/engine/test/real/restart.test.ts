import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cannotRun } from '../support/busybox.ts'
import { callAndKill } from '../support/kill-client.ts'
import { type EngineSandbox, eventually, openSandbox, processesLeft } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: restarts: ${cannotRun}\n`)

describe.skipIf(cannotRun !== undefined)('a restart', () => {
  let sandbox: EngineSandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  const sleeper = async (more: { readonly autoRemove?: boolean } = {}): Promise<string> => {
    const wish = { image: 'busybox', command: ['sleep', '300'], network: 'none', stopTimeoutSeconds: 0, ...more } as const
    return (await sandbox.engine.containers.create(wish)).id
  }

  test('ends what runs, and starts it again; what does not run is started', async () => {
    const { containers } = sandbox.engine
    const id = await sleeper()
    await containers.restart(id)
    const before = (await containers.inspect(id)).state
    expect(before.status).toBe('running')
    await containers.restart(id)
    const after = (await containers.inspect(id)).state
    expect(after).toMatchObject({ status: 'running', exitCode: undefined })
    expect(after.pid).not.toBe(before.pid)
    await containers.stop(id, { timeoutSeconds: 0 })
    await containers.restart(id)
    expect((await containers.inspect(id)).state.status).toBe('running')
    await containers.remove(id, { force: true })
    expect(sandbox.leftovers(id)).toEqual([])
  })

  test('of one that is removed at its end: it stays, and goes at its end', async () => {
    const { containers } = sandbox.engine
    const id = await sleeper({ autoRemove: true })
    await containers.start(id)
    await containers.restart(id)
    expect((await containers.inspect(id)).state.status).toBe('running')
    await containers.kill(id)
    const left = (): string[] => sandbox.leftovers(id)
    expect(await eventually(left, (names) => names.length === 0)).toEqual([])
  })

  test('by several at once, and against a removal: each is done one after the other, and nothing is left', async () => {
    const { containers } = sandbox.engine
    await using other = await sandbox.reopen()
    const id = await sleeper()
    await Promise.all([containers.restart(id), other.containers.restart(id), containers.restart(id)])
    expect((await containers.inspect(id)).state.status).toBe('running')
    const restarted = containers.restart(id)
    await Promise.all([restarted.catch(() => undefined), other.containers.remove(id, { force: true })])
    await expect(containers.inspect(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
    expect(sandbox.leftovers(id)).toEqual([])
    expect(await processesLeft(sandbox, id)).toEqual([])
  })

  test('that is killed at any moment: the container is found as it is, and can be started and removed', async () => {
    const { containers } = sandbox.engine
    for (let round = 0; round < 8; round++) {
      const id = await sleeper()
      await containers.start(id)
      await callAndKill(sandbox, ['restart', id], round * 30)
      const { status } = (await containers.inspect(id)).state
      expect(['initialized', 'running', 'exited', 'created']).toContain(status)
      await containers.restart(id)
      expect((await containers.inspect(id)).state.status).toBe('running')
      await containers.remove(id, { force: true })
      expect(sandbox.leftovers(id)).toEqual([])
      expect(await processesLeft(sandbox, id)).toEqual([])
    }
  }, 120_000)
})
