import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSameProcess, readProcessStat } from '@podwright/linux'
import { expect, test } from 'vitest'
import { attach, execProcess } from '../../../src/index.ts'
import type { RealContainer } from '../container.ts'
import { Sink } from '../streams.ts'
import { type Context, failure, run } from './context.ts'

export function describeExec({ make, ground }: Context): void {
  const sessionOf = (container: RealContainer): { sessionDirectory: string; sessionId: string } => {
    const sessionId = createHash('sha256').update(String(Math.random())).digest('hex')
    return { sessionId, sessionDirectory: join(container.bundle, 'exec', sessionId) }
  }
  const passwd = (): string => readFileSync(join(ground().rootfs, 'etc/passwd'), 'utf8')

  test('a command with streams, its exit code, another user', async () => {
    await using container = await make({ command: ['sleep', '100'], process: { environment: { GREETING: 'hi' } } })
    await container.create()
    await container.start()
    const [stdin, stdout, stderr] = [new PassThrough(), new Sink(), new Sink()]
    stdin.end('from outside')
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({
        spec: container.spec,
        command: ['sh', '-c', 'cat; echo; id -u; echo $GREETING $HOME; echo oops >&2; exit 9'],
        user: 'www',
        passwd: passwd(),
      }),
      stdin: true,
      attach: true,
    })
    const socketPath = session.attachSocket ?? ''
    let pid = 0
    const end = await attach({ socketPath }, { stdin, stdout, stderr }, { onConnected: async () => void (pid = await session.start()) })
    expect(end).toBe('ended')
    expect(pid).toBeGreaterThan(0)
    expect(await session.wait()).toBe(9)
    expect(stdout.text()).toBe('from outside\n33\nhi /var/www\n')
    expect(stderr.text()).toBe('oops\n')
  })

  test('a command with a terminal', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    const stdout = new Sink()
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command: ['sh', '-c', 'tty; echo $TERM; sleep 0.2; stty size'], terminal: true }),
      stdin: false,
      attach: true,
    })
    const window = (async function* () {
      yield { rows: 20, columns: 30 }
    })()
    const target = { socketPath: session.attachSocket ?? '', controlFifo: session.controlFifo }
    await attach(target, { stdout, window }, { onConnected: async () => void (await session.start()) })
    expect(await session.wait()).toBe(0)
    expect(stdout.text()).toMatch(/^\/dev\/pts\/\d+\r\nxterm\r\n20 30\r\n$/)
  })

  test('a detached command', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command: ['sh', '-c', 'echo done > /tmp/witness; exit 4'] }),
      stdin: false,
      attach: false,
    })
    expect(session.attachSocket).toBeUndefined()
    expect(await session.start()).toBeGreaterThan(0)
    expect(await session.wait()).toBe(4)
    expect(readFileSync(join(ground().rootfs, 'tmp/witness'), 'utf8')).toBe('done\n')
  })

  test.each([
    [['no-such-command'], 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
    [['/bin/not-executable'], 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
  ])('%s', async (command, code, exitStatus) => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command }),
      stdin: false,
      attach: true,
    })
    const attachment = attach({ socketPath: session.attachSocket ?? '' }, {}, { onConnected: async () => void (await session.start()) })
    expect(await failure(attachment)).toMatchObject({ code, details: { exitStatus } })
  })

  test.each([true, false])('one that is called off never runs (attach %s)', async (attachable) => {
    await using container = await make({ command: ['sleep', '100'] })
    await container.create()
    await container.start()
    const witness = `/tmp/never-${container.id}`
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command: ['touch', witness] }),
      stdin: false,
      attach: attachable,
    })
    const start = readProcessStat(session.monitorPid)?.startTime ?? 0
    session[Symbol.dispose]()
    while (session.monitorPid > 0 && isSameProcess(session.monitorPid, start)) await sleep(10)
    await sleep(200)
    expect(existsSync(join(ground().rootfs, witness))).toBe(false)
  })

  test('in a container that has ended', async () => {
    await using container = await make({ command: ['true'] })
    await run(container)
    const session = await container.monitor.exec(container.container, {
      ...sessionOf(container),
      process: execProcess({ spec: container.spec, command: ['true'] }),
      stdin: false,
      attach: false,
    })
    expect((await failure(session.start())).code).toMatch(/^ERR_RUNTIME_CONTAINER_NOT_(RUNNING|FOUND)$/)
  })
}
