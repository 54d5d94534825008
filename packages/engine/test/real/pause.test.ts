import { probeCgroups } from '@podwright/linux'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cannotRun } from '../support/busybox.ts'
import { callAndKill } from '../support/kill-client.ts'
import { type EngineSandbox, eventually, openSandbox } from '../support/sandbox.ts'

const cannotPause = cannotRun ?? (probeCgroups().mode === 'none' ? 'needs control groups' : undefined)
if (cannotPause !== undefined) process.stdout.write(`skipped: pauses: ${cannotPause}\n`)

describe.skipIf(cannotPause !== undefined)('a pause', () => {
  let sandbox: EngineSandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  /** Writes a letter to its log as long as it runs. */
  const ticker = async (): Promise<string> => {
    const command = ['sh', '-c', 'while :; do echo t; sleep 0.02; done']
    const { id } = await sandbox.engine.containers.create({ image: 'busybox', command, network: 'none', stopTimeoutSeconds: 0 })
    await sandbox.engine.containers.start(id)
    return id
  }
  const ticks = async (id: string): Promise<number> => {
    let count = 0
    for await (const _line of sandbox.engine.containers.logs(id)) count++
    return count
  }
  const goesOn = async (id: string): Promise<boolean> => {
    const before = await ticks(id)
    return (
      (await eventually(
        () => ticks(id),
        (count) => count > before,
      )) > before
    )
  }
  const status = async (id: string): Promise<string> => (await sandbox.engine.containers.inspect(id)).state.status

  test('keeps its processes from running, until it is unpaused', async () => {
    const { containers } = sandbox.engine
    const id = await ticker()
    expect(await goesOn(id)).toBe(true)
    await containers.pause(id)
    expect(await status(id)).toBe('paused')
    await new Promise((resolve) => setTimeout(resolve, 200))
    const before = await ticks(id)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await ticks(id)).toBe(before)
    const refused = [
      () => containers.pause(id),
      () => containers.start(id),
      () => containers.exec(id, { command: ['true'] }),
      () => containers.attach(id, {}),
    ]
    for (const act of refused) await expect(act()).rejects.toMatchObject({ code: 'ERR_CONTAINER_PAUSED' })
    await expect(containers.remove(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_RUNNING' })
    await containers.unpause(id)
    expect(await status(id)).toBe('running')
    expect(await goesOn(id)).toBe(true)
    await expect(containers.unpause(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_PAUSED' })
    await containers.remove(id, { force: true })
  })

  test.each([
    ['stop', 'exited'],
    ['kill', 'exited'],
    ['restart', 'running'],
  ] as const)('%s of a paused container is not kept waiting', async (method, after) => {
    const { containers } = sandbox.engine
    const id = await ticker()
    await containers.pause(id)
    await containers[method](id)
    expect(
      await eventually(
        () => status(id),
        (seen) => seen === after,
      ),
    ).toBe(after)
    await containers.remove(id, { force: true })
  })

  test('a commit that freezes a container leaves it as it was, running or paused', async () => {
    const { containers } = sandbox.engine
    const id = await ticker()
    await containers.commit(id, { pause: true })
    expect([await status(id), await goesOn(id)]).toEqual(['running', true])
    await containers.pause(id)
    await containers.commit(id, { pause: true })
    expect(await status(id)).toBe('paused')
    await containers.remove(id, { force: true })
  })

  test('and its end by several at once: one does it, the others say that it is done', async () => {
    const { containers } = sandbox.engine
    await using other = await sandbox.reopen()
    const id = await ticker()
    for (const method of ['pause', 'unpause'] as const) {
      const ends = await Promise.allSettled([containers, other.containers, containers].map((one) => one[method](id)))
      expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1)
    }
    await Promise.all([containers.pause(id).catch(() => undefined), other.containers.remove(id, { force: true })])
    expect(sandbox.leftovers(id)).toEqual([])
  })

  test('that is killed at any moment: what is said of it is true, and it goes on or is removed', async () => {
    const { containers } = sandbox.engine
    const id = await ticker()
    for (const method of ['pause', 'commit', 'unpause']) {
      for (let round = 0; round < 6; round++) {
        if ((await status(id)) === (method === 'unpause' ? 'running' : 'paused'))
          await containers[method === 'unpause' ? 'pause' : 'unpause'](id)
        await callAndKill(sandbox, [method, id, '{"pause":true}'], round * 16)
        const seen = await status(id)
        expect(['running', 'paused']).toContain(seen)
        if (seen === 'paused') await containers.unpause(id)
        expect(await goesOn(id)).toBe(true)
      }
    }
    await callAndKill(sandbox, ['pause', id], 60)
    await containers.remove(id, { force: true })
    expect(sandbox.leftovers(id)).toEqual([])
  }, 120_000)
})
