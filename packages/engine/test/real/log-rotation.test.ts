import type { ContainerLogging, LogOptions } from '@podwright/contracts'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { cannotRun } from '../support/busybox.ts'
import { keepersOf } from '../support/keepers.ts'
import { type EngineSandbox, eventually, openSandbox } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: the rotation of logs: ${cannotRun}\n`)

describe.skipIf(cannotRun !== undefined)('a log that is rotated', () => {
  let sandbox: EngineSandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterEach(async () => {
    for (const { id } of await sandbox.engine.containers.list({ all: true })) await sandbox.engine.containers.remove(id, { force: true })
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  const started = async (script: string, logging: ContainerLogging): Promise<string> => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({
      image: 'busybox',
      command: ['sh', '-c', script],
      network: 'none',
      stopTimeoutSeconds: 0,
      logging,
    })
    await containers.start(id)
    return id
  }
  const read = async (id: string, options: LogOptions = {}): Promise<string> => {
    const pieces: Uint8Array[] = []
    for await (const { data } of sandbox.engine.containers.logs(id, options)) pieces.push(data)
    return Buffer.concat(pieces).toString()
  }
  const files = (id: string): string[] => readdirSync(join(sandbox.root, 'containers', id)).filter((name) => /^ctr\.log\.\d+$/.test(name))
  const numbers = (first: number, last: number): string =>
    Array.from({ length: last - first + 1 }, (_, index) => `${first + index}\n`).join('')
  /** Writes in bursts, so that there is something to rotate again and again. */
  const bursts = (count: number, size: number): string =>
    `i=0; while [ $i -lt ${count} ]; do seq $((i * ${size} + 1)) $(((i + 1) * ${size})); i=$((i + 1)); sleep 0.05; done`

  test('has each line once and in order, also for whoever follows, however fast it is written', async () => {
    const id = await started(`${bursts(40, 1_000)}; seq 40001 200000`, { maximumBytes: 50_000, maximumFiles: 500 })
    const following = read(id, { follow: true })
    await sandbox.engine.containers.wait(id)
    expect((await read(id)) === numbers(1, 200_000)).toBe(true)
    expect((await following) === numbers(1, 200_000)).toBe(true)
    expect(await read(id, { tail: 190_000 })).toBe(numbers(10_001, 200_000))
    expect(files(id).length).toBeGreaterThan(4)
  }, 60_000)

  test('loses nothing when its keeper is killed at any moment: the next command brings another', async () => {
    const id = await started(bursts(60, 500), { maximumBytes: 10_000, maximumFiles: 500 })
    const following = read(id, { follow: true })
    let kills = 0
    for (let isRunning = true, round = 0; isRunning; round++) {
      await sleep(100 + ((round * 37) % 90))
      const { monitorPid } = (await sandbox.engine.containers.inspect(id)).state
      // A monitor that is slow to listen has words of several keepers to hear.
      if (round % 3 === 0 && monitorPid > 0) process.kill(monitorPid, 'SIGSTOP')
      for (const pid of keepersOf(sandbox)) {
        process.kill(pid, 'SIGKILL')
        kills++
      }
      isRunning = (await sandbox.engine.containers.list()).some((container) => container.id === id)
      if (round % 3 === 2 && monitorPid > 0) process.kill(monitorPid, 'SIGCONT')
    }
    expect(kills).toBeGreaterThan(3)
    expect((await read(id)) === numbers(1, 30_000)).toBe(true)
    expect((await following) === numbers(1, 30_000)).toBe(true)
    // A start goes on with it, also where a rotation was begun and nobody was left to end it.
    await sandbox.engine.containers.start(id)
    await sandbox.engine.containers.wait(id)
    expect((await read(id)) === numbers(1, 30_000) + numbers(1, 30_000)).toBe(true)
  }, 60_000)

  test('has so many files at most, and the newest lines in them', async () => {
    const id = await started(`${bursts(30, 1_000)}; sleep 300`, { maximumBytes: 40_000, maximumFiles: 3 })
    const isRight = (): boolean => files(id).length === 3 && statSync(join(sandbox.root, 'containers', id, 'ctr.log')).size < 40_000
    const last = await eventually(
      async () => read(id),
      (text) => text.endsWith('\n30000\n') && isRight(),
    )
    expect(files(id)).toHaveLength(3)
    const first = Number(last.split('\n')[0])
    expect(first).toBeGreaterThan(1)
    expect(last === numbers(first, 30_000)).toBe(true)
    await sandbox.engine.containers.remove(id, { force: true })
    expect(
      await eventually(
        () => keepersOf(sandbox),
        (pids) => pids.length === 0,
      ),
    ).toEqual([])
  }, 60_000)

  test('who follows waits for what the monitor has not written yet', async () => {
    const id = await started('sleep 0.2; seq 1 2000', {})
    const { pid, monitorPid } = (await sandbox.engine.containers.inspect(id)).state
    const following = read(id, { follow: true })
    process.kill(monitorPid, 'SIGSTOP')
    // It has ended, and only the monitor doesn't know.
    await eventually(
      () => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '),
      (isZombie) => isZombie,
    )
    await sleep(600)
    process.kill(monitorPid, 'SIGCONT')
    expect((await following) === numbers(1, 2_000)).toBe(true)
  })

  test('nobody looks after one that is not rotated', async () => {
    await started('sleep 300', { driver: 'json-file' })
    expect(keepersOf(sandbox)).toEqual([])
  })
})
