import type { ContainerDetails, ContainerOptions, HealthCheckOptions } from '@podwright/contracts'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { processesWithBundle } from '../../src/containers/sweep.ts'
import { cannotRun } from '../support/busybox.ts'
import { keepersOf, killKeepers } from '../support/keepers.ts'
import { type EngineSandbox, eventually, openSandbox } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: health checks: ${cannotRun}\n`)

describe.skipIf(cannotRun !== undefined)('health checks', () => {
  let sandbox: EngineSandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterEach(async () => {
    for (const { id } of await sandbox.engine.containers.list({ all: true })) await sandbox.engine.containers.remove(id, { force: true })
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  const started = async (script: string, health: HealthCheckOptions = {}, more: Partial<ContainerOptions> = {}): Promise<string> => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({
      image: 'busybox',
      command: ['sleep', '300'],
      network: 'none',
      stopTimeoutSeconds: 0,
      health: { test: ['CMD-SHELL', script], intervalMs: 100, ...health },
      ...more,
    })
    await containers.start(id)
    return id
  }
  const look = (id: string): Promise<ContainerDetails> => sandbox.engine.containers.inspect(id)
  const until = async (id: string, holds: (found: ContainerDetails) => boolean): Promise<ContainerDetails> => {
    const found = await eventually(() => look(id), holds)
    expect(holds(found), JSON.stringify({ state: found.state, log: found.healthLog })).toBe(true)
    return found
  }
  const sessionsOf = (id: string): string[] => {
    try {
      return readdirSync(`${sandbox.root}/containers/${id}/exec`)
    } catch {
      return []
    }
  }

  test('are run by the keeper, and what they find is told: healthy, then not, then healthy again', async () => {
    const id = await started('echo looked; test ! -s /ill', { retries: 2, logCount: 3 })
    expect((await look(id)).state.health?.status).toBe('starting')
    const { healthLog = [] } = await until(id, ({ state }) => state.health?.status === 'healthy')
    expect(healthLog[0]).toMatchObject({ exitCode: 0, output: 'looked\n' })
    await sandbox.engine.containers.exec(id, { command: ['sh', '-c', 'echo ill > /ill'], streams: {} })
    const ill = await until(id, ({ state }) => state.health?.status === 'unhealthy')
    expect(ill.state.health?.failingStreak).toBeGreaterThanOrEqual(2)
    expect(ill.healthLog?.length).toBeLessThanOrEqual(3)
    expect(ill.healthLog?.at(-1)).toMatchObject({ exitCode: 1 })
    await sandbox.engine.containers.exec(id, { command: ['sh', '-c', ': > /ill'], streams: {} })
    await until(id, ({ state }) => state.health?.status === 'healthy' && state.health.failingStreak === 0)
    const told: string[] = []
    for await (const { action, attributes } of sandbox.engine.system.events({ until: new Date() })) {
      if (action === 'health_status') told.push(attributes['health_status'] ?? '')
    }
    expect(told.slice(-3)).toEqual(['healthy', 'unhealthy', 'healthy'])
  })

  test('that take too long are killed with all that they have started', async () => {
    const id = await started('sleep 211 & sleep 212; true', { timeoutMs: 300, retries: 1 })
    const found = await until(id, ({ state }) => state.health?.status === 'unhealthy')
    expect(found.healthLog?.[0]).toMatchObject({ exitCode: -1, output: 'the health check took longer than 0.3 s' })
    await sandbox.engine.containers.stop(id)
    expect(commandLines().filter((line) => /^sleep\0(?:211|212)\0/.test(line))).toEqual([])
  })

  test('whose command is not there have failed', async () => {
    const id = await started('', { test: ['CMD', '/no/such'], retries: 1 })
    const found = await until(id, ({ state }) => state.health?.status === 'unhealthy')
    expect(found.healthLog?.[0]?.output).toContain('/no/such')
    expect(found.healthLog?.[0]?.exitCode).toBe(127)
  })

  test('by hand', async () => {
    const { containers } = sandbox.engine
    expect(
      await eventually(
        () => keepersOf(sandbox),
        (pids) => pids.length === 0,
      ),
    ).toEqual([])
    const id = await started('exit 3', { intervalMs: 0, retries: 1 })
    expect(keepersOf(sandbox)).toEqual([])
    expect(await containers.checkHealth(id)).toMatchObject({ exitCode: 3, status: 'unhealthy', failingStreak: 1 })
    await containers.stop(id)
    await expect(containers.checkHealth(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_RUNNING' })
    const plain = await containers.create({ image: 'busybox', command: ['true'] })
    await expect(containers.checkHealth(plain.id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_NO_HEALTH_CHECK' })
  })

  test('restart, kill and stop what is not well, and the restart policy holds', async () => {
    const restarted = await started('false', { retries: 1, onFailure: 'restart' })
    const first = (await look(restarted)).state.pid
    expect((await until(restarted, ({ state }) => state.pid !== 0 && state.pid !== first)).state.restartAt).toBeUndefined()
    const killed = await started('false', { retries: 1, onFailure: 'kill' })
    await until(killed, ({ state }) => state.status === 'exited' && state.exitCode === 137)
    const stopped = await started(
      'false',
      { retries: 1, onFailure: 'stop' },
      { restart: { name: 'always' }, command: ['sh', '-c', 'trap "exit 5" TERM; while :; do sleep 0.1; done'], stopTimeoutSeconds: 10 },
    )
    await until(stopped, ({ state }) => (state.restartCount ?? 0) > 0)
  })

  test('a start-up check that fails too often restarts it', async () => {
    const id = await started('true', { startup: { test: ['CMD', 'false'], intervalMs: 100, retries: 2 } })
    const first = (await look(id)).state.pid
    expect(first).toBeGreaterThan(0)
    await until(id, ({ state }) => state.pid !== 0 && state.pid !== first)
    expect((await look(id)).state.health?.status).toBe('starting')
  })

  test('wait while it is paused, and end with it', async () => {
    const { containers } = sandbox.engine
    const id = await started('true')
    await until(id, ({ state }) => state.health?.status === 'healthy')
    const canPause = await containers.pause(id).then(
      () => true,
      () => false,
    )
    if (canPause) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      const count = (await look(id)).healthLog?.at(-1)?.startedAt.getTime()
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect((await look(id)).healthLog?.at(-1)?.startedAt.getTime()).toBe(count)
      await containers.unpause(id)
    }
    await containers.stop(id)
    expect(
      await eventually(
        () => keepersOf(sandbox),
        (pids) => pids.length === 0,
      ),
    ).toEqual([])
  })

  test('a killed keeper leaves a check behind, which the next one ends', async () => {
    const id = await started('echo $$ > /pid; sleep 213', { timeoutMs: 60_000 })
    await eventually(
      () => sessionsOf(id).length,
      (count) => count > 0,
    )
    await eventually(() => commandLines().some((line) => line.startsWith(checkLine)), Boolean)
    const [session = ''] = sessionsOf(id)
    await killKeepers(sandbox)
    await sandbox.engine.containers.list()
    await eventually(
      () => sessionsOf(id),
      (names) => names.length > 0 && !names.includes(session),
    )
    expect(sessionsOf(id)).not.toContain(session)
    expect(processesWithBundle(`${sandbox.root}/containers/${id}/exec/${session}`)).toEqual([])
    expect(commandLines().filter((line) => line.startsWith(checkLine)).length).toBeLessThanOrEqual(1)
    await sandbox.engine.containers.remove(id, { force: true })
    expect(commandLines().filter((line) => line.startsWith(checkLine))).toEqual([])
  })
})

/** Of the check that is left behind. */
const checkLine = ['sleep', '213', ''].join('\0')

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
}
