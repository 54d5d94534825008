import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, truncateSync, watch } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStorage } from '@podwright/storage'
import { createHostExecutor } from '@podwright/userns'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownEntries } from '../../src/entries.ts'
import { cannotRun } from '../support/busybox.ts'
import { type EngineSandbox, eventually, openSandbox, processesLeft } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: crashes: ${cannotRun}\n`)

describe.skipIf(cannotRun !== undefined)('after a crash', () => {
  let sandbox: EngineSandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  async function startSleeper(): Promise<{ id: string; pid: number; monitorPid: number }> {
    const { containers } = sandbox.engine
    const { id } = await containers.create({ image: 'busybox', command: ['sleep', '300'], network: 'none' })
    await containers.start(id)
    const { pid, monitorPid } = (await containers.inspect(id)).state
    return { id, pid, monitorPid }
  }

  async function actionsOf(id: string): Promise<string[]> {
    const actions: string[] = []
    for await (const { subject, action } of sandbox.engine.system.events()) if (subject === id) actions.push(action)
    return actions
  }

  test('of the monitor: the container runs on, and can be stopped, started and removed', async () => {
    const { containers } = sandbox.engine
    const { id, pid, monitorPid } = await startSleeper()
    process.kill(monitorPid, 'SIGKILL')
    const state = await eventually(
      async () => (await containers.inspect(id)).state,
      (seen) => seen.monitorPid === 0,
    )
    expect(state).toMatchObject({ status: 'running', pid, monitorPid: 0 })
    await containers.stop(id, { timeoutSeconds: 0 })
    // Nobody saw how it ended.
    expect((await containers.inspect(id)).state).toMatchObject({ status: 'exited', exitCode: -1 })
    await containers.start(id)
    expect((await containers.inspect(id)).state.status).toBe('running')
    await containers.remove(id, { force: true })
    expect(sandbox.leftovers(id)).toEqual([])
  })

  test('of the container: its exit code is that of the signal', async () => {
    const { containers } = sandbox.engine
    const { id, pid } = await startSleeper()
    process.kill(pid, 'SIGKILL')
    expect(await containers.wait(id)).toBe(137)
    await containers.remove(id)
  })

  test('of its removal or its creation: a commit says that it is going, or makes it complete', async () => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({ image: 'busybox', command: ['true'], network: 'none' })
    await using storage = await openStorage(
      { namespace: createHostExecutor({ workerEntry: { path: ownEntries().worker, execArgv: ['-C', '@podwright/source'] } }) },
      { root: sandbox.root, runRoot: sandbox.runRoot },
    )
    await storage.removeSnapshot(id)
    expect((await containers.commit(id)).id).toMatch(/^sha256:/)
    await storage.removeSnapshot(id)
    const database = new DatabaseSync(join(sandbox.root, 'engine.db'))
    database.prepare("UPDATE containers SET status = 'removing' WHERE id = ?").run(id)
    database.close()
    await expect(containers.commit(id)).rejects.toMatchObject({
      code: 'ERR_CONTAINER_NOT_FOUND',
      message: expect.stringContaining('removal was interrupted'),
    })
    await containers.remove(id)
    expect(sandbox.leftovers(id)).toEqual([])
  })

  test('of the machine: what ran has ended, and starts again', async () => {
    const { containers } = sandbox.engine
    const { id, pid, monitorPid } = await startSleeper()
    for (const victim of [monitorPid, pid]) process.kill(victim, 'SIGKILL')
    const database = new DatabaseSync(join(sandbox.root, 'engine.db'))
    database.prepare("UPDATE containers SET boot_id = 'another', pid = 1, monitor_pid = 1 WHERE id = ?").run(id)
    database.close()
    expect((await containers.inspect(id)).state).toMatchObject({ status: 'exited', exitCode: -1, pid: 0 })
    await containers.start(id)
    expect((await containers.inspect(id)).state.status).toBe('running')
    await containers.remove(id, { force: true })
  })

  test('of whoever starts a container, at any moment: the next one finds it as it is, and can start and remove it', async () => {
    const { containers } = sandbox.engine
    const client = fileURLToPath(new URL('../support/start-client.ts', import.meta.url))
    for (let round = 0; round < 8; round++) {
      const { id } = await containers.create({ image: 'busybox', command: ['sleep', '300'], network: 'none' })
      const child = spawn(process.execPath, ['-C', '@podwright/source', client, sandbox.root, sandbox.runRoot, id], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      // It says when it begins; from there on it takes 50 to 200 ms.
      await once(child.stdout, 'data')
      await new Promise((resolve) => setTimeout(resolve, round * 20))
      child.kill('SIGKILL')
      // It may have ended before.
      await ended
      const { status } = (await containers.inspect(id)).state
      expect(['created', 'initialized', 'running', 'exited']).toContain(status)
      if (status !== 'running') await containers.start(id)
      expect((await containers.inspect(id)).state.status).toBe('running')
      await containers.remove(id, { force: true })
      expect(sandbox.leftovers(id)).toEqual([])
      expect(await processesLeft(sandbox, id)).toEqual([])
    }
    expect(readdirSync(join(sandbox.runRoot, 'locks'))).toEqual([])
  }, 120_000)

  test('of the machine while a config was on its way to the disk: it is inspected and started as one without', async () => {
    const { containers } = sandbox.engine
    const { id } = await startSleeper()
    await containers.stop(id, { timeoutSeconds: 0 })
    const { bundle } = (await containers.inspect(id)).paths
    truncateSync(join(bundle, 'config.json'))
    expect((await containers.inspect(id)).spec).toBeUndefined()
    const changed: string[] = []
    const watcher = watch(bundle, (event, name) => event === 'change' && changed.push(String(name)))
    await containers.start(id)
    expect((await containers.inspect(id)).spec?.process.args).toEqual(['sleep', '300'])
    await eventually(
      () => changed,
      (names) => names.includes('config.json.part'),
    )
    watcher.close()
    // In one step: whoever is killed, or looks, finds no half of it.
    expect(changed).toContain('config.json.part')
    expect(changed).not.toContain('config.json')
    await containers.remove(id, { force: true })
  })

  test('of whoever starts a container, or just before it has a process: who waits for its end waits on', async () => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({ image: 'busybox', command: ['sh', '-c', 'exit 7'], network: 'none' })
    const database = new DatabaseSync(join(sandbox.root, 'engine.db'))
    database
      .prepare("UPDATE containers SET status = 'initialized', desired = 'running', boot_id = ? WHERE id = ?")
      .run(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), id)
    database.close()
    const end = containers.wait(id)
    expect(await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))])).toBe('waits')
    await containers.start(id)
    expect(await end).toBe(7)
    await containers.remove(id, { force: true })
  })

  test('of whoever makes a container, before it has a directory: it is started all the same', async () => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({ image: 'busybox', command: ['sleep', '300'], network: 'none' })
    rmSync(join(sandbox.root, 'containers', id), { recursive: true })
    await containers.start(id)
    expect((await containers.inspect(id)).state.status).toBe('running')
    await containers.remove(id, { force: true })
    expect(sandbox.leftovers(id)).toEqual([])
  })

  test('of whoever makes and starts one in a go: what is there can be started or removed, and nothing else is', async () => {
    const { containers, system } = sandbox.engine
    const client = fileURLToPath(new URL('../support/run-client.ts', import.meta.url))
    for (let round = 0; round < 12; round++) {
      const child = spawn(process.execPath, ['-C', '@podwright/source', client, sandbox.root, sandbox.runRoot], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      await once(child.stdout, 'data')
      await new Promise((resolve) => setTimeout(resolve, round * 10))
      child.kill('SIGKILL')
      await ended
      const [left, ...others] = await containers.list({ all: true })
      expect(others).toEqual([])
      if (left !== undefined) {
        if (round % 2 === 0 && (await containers.inspect(left.id)).state.status !== 'running') await containers.start(left.id)
        await containers.remove(left.id, { force: true })
        expect(sandbox.leftovers(left.id)).toEqual([])
        const told = await actionsOf(left.id)
        // Whoever was killed: each is told once, and no run without its end.
        expect([told[0], told.at(-1)]).toEqual(['create', 'remove'])
        expect(told.filter((action) => action === 'create' || action === 'remove')).toHaveLength(2)
        expect(told.filter((action) => action === 'start').length).toBeLessThanOrEqual(told.filter((action) => action === 'died').length)
        expect(await processesLeft(sandbox, left.id)).toEqual([])
      }
    }
    expect((await system.check({ minAgeMs: 0, repair: true })).findings.filter(({ state }) => state === 'lost')).toEqual([])
    expect(readdirSync(join(sandbox.root, 'containers'))).toEqual([])
  }, 120_000)
})
