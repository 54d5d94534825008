import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cannotRun } from '../support/busybox.ts'
import { type EngineSandbox, eventually, openSandbox, processesLeft } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: real containers: ${cannotRun}\n`)

/** A stream that keeps what is written to it. */
function capture(): Writable & { text(): string } {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return Object.assign(stream, { text: () => Buffer.concat(chunks).toString() })
}

describe.skipIf(cannotRun !== undefined)('a container’s life', () => {
  let sandbox: EngineSandbox
  beforeAll(async () => {
    sandbox = await openSandbox()
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  test('goes from created to running to exited to gone', async () => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({ image: 'busybox', command: ['sleep', '60'], network: 'none' })
    expect((await containers.inspect(id)).state).toMatchObject({ status: 'created', pid: 0, exitCode: undefined })
    await containers.start(id)
    const running = await containers.inspect(id)
    expect(running.state).toMatchObject({ status: 'running', exitCode: undefined })
    expect(running.state.pid).toBeGreaterThan(0)
    await expect(containers.start(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_RUNNING' })
    await expect(containers.remove(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_RUNNING' })
    await containers.stop(id, { timeoutSeconds: 0 })
    expect((await containers.inspect(id)).state).toMatchObject({ status: 'exited', exitCode: 137, pid: 0 })
    await containers.remove(id)
    await expect(containers.inspect(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
    expect(sandbox.leftovers(id)).toEqual([])
    expect(await processesLeft(sandbox, id)).toEqual([])
  })

  test('a foreground run gives its output and its exit code, and can be started again', async () => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({ image: 'busybox', command: ['sh', '-c', 'echo out; echo err >&2; exit 7'], network: 'none' })
    for (const _round of [1, 2]) {
      const [stdout, stderr] = [capture(), capture()]
      expect(await containers.start(id, { streams: { stdout, stderr } })).toEqual({ type: 'exited', exitCode: 7 })
      expect([stdout.text(), stderr.text()]).toEqual(['out\n', 'err\n'])
    }
    const lines: string[] = []
    for await (const { stream, data } of containers.logs(id)) lines.push(`${stream} ${Buffer.from(data).toString()}`)
    expect(lines.toSorted()).toEqual(['stderr err\n', 'stderr err\n', 'stdout out\n', 'stdout out\n'])
    await containers.remove(id)
  })

  test('a start that fails leaves the container as it was, says why, and costs no later start anything', async () => {
    const { containers } = sandbox.engine
    for (const [command, code] of [
      ['/bin/nothing', 'ERR_RUNTIME_COMMAND_NOT_FOUND'],
      ['/etc/notes', 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE'],
    ] as const) {
      const { id } = await containers.create({ image: 'busybox', command: [command], network: 'none' })
      for (const _round of [1, 2]) await expect(containers.start(id)).rejects.toMatchObject({ code })
      const { state } = await containers.inspect(id)
      expect(state).toMatchObject({ status: 'created', pid: 0 })
      expect(state.error).toContain(command === '/bin/nothing' ? 'nothing' : 'denied')
      await containers.remove(id)
      expect(sandbox.leftovers(id)).toEqual([])
    }
  })

  test('of a bind mount whose source is not there no container is made; one whose source goes says so at its start', async () => {
    const { containers } = sandbox.engine
    const source = mkdtempSync(join(tmpdir(), 'source-'))
    const wish = { image: 'busybox', name: 'bound', network: 'none', mounts: [{ type: 'bind', source, target: '/mnt' }] } as const
    const { id } = await containers.create(wish)
    rmdirSync(source)
    await expect(containers.start(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_MOUNT_SOURCE' })
    await containers.remove(id)
    await expect(containers.create(wish)).rejects.toMatchObject({ code: 'ERR_CONTAINER_MOUNT_SOURCE' })
    expect(await containers.list({ all: true })).toEqual([])
  })

  test('removed at its end: its exit code is still told to whoever waits, and nothing is left', async () => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({
      image: 'busybox',
      command: ['sh', '-c', 'sleep 0.3; exit 3'],
      network: 'none',
      autoRemove: true,
    })
    await containers.start(id)
    expect(await containers.wait(id)).toBe(3)
    expect(
      await eventually(
        () => sandbox.leftovers(id),
        (left) => left.length === 0,
      ),
    ).toEqual([])
    const listed = async (): Promise<readonly string[]> => (await containers.list({ all: true })).map((row) => row.id)
    expect(await eventually(listed, (ids) => !ids.includes(id))).not.toContain(id)
  })

  test('a command inside sees the container, its user and its own exit code', async () => {
    const { containers } = sandbox.engine
    const { id } = await containers.create({ image: 'busybox', command: ['sleep', '60'], network: 'none', hostname: 'inside' })
    await expect(containers.exec(id, { command: ['true'] })).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_RUNNING' })
    await containers.start(id)
    const stdout = capture()
    const end = await containers.exec(id, {
      command: ['sh', '-c', 'cat /etc/hostname; id -u; exit 9'],
      user: 'web',
      streams: { stdout },
    })
    expect(end).toEqual({ type: 'exited', exitCode: 9 })
    expect(stdout.text()).toBe('inside\n1000\n')
    await containers.remove(id, { force: true })
  })

  test('an image in use is not removed, but by force with its containers', async () => {
    const { containers, images } = sandbox.engine
    const { id } = await containers.create({ image: 'hello', network: 'none' })
    await expect(images.remove('hello')).rejects.toMatchObject({ code: 'ERR_IMAGE_IN_USE', details: { containers: [id] } })
    expect(await images.remove('hello', { force: true })).toMatchObject({ untagged: expect.arrayContaining(['localhost/hello:latest']) })
    await expect(containers.inspect(id)).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
    expect(await images.exists('hello')).toBe(false)
  })

  test('two that want one name: one gets it, the other leaves nothing', async () => {
    const other = await sandbox.reopen()
    const wish = { image: 'busybox', name: 'wanted', network: 'none' } as const
    const results = await Promise.allSettled([sandbox.engine.containers.create(wish), other.containers.create(wish)])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await sandbox.engine.containers.list({ all: true })).toHaveLength(1)
    await sandbox.engine.containers.remove('wanted')
    await other[Symbol.asyncDispose]()
  })
})
