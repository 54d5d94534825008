import type { AttachStreams, ContainerOptions, Containers } from '@podwright/contracts'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { EngineError } from '@podwright/engine'
import { describe, expect, test } from 'vitest'
import { details, noContainer } from '../fixtures/engine.ts'
import { podwright, testSignals } from '../fixtures/program.ts'

const create = async (): Promise<{ id: string; name: string; warnings: string[] }> => ({ id: 'abc', name: 'x', warnings: [] })

/** Those that there are; each is opened when it is looked at. */
const namesOf = (streams: AttachStreams): string[] =>
  Object.entries(streams).flatMap(([name, stream]) => (stream === undefined ? [] : [name]))

describe('run', () => {
  test("exits with the container's own code, and joins the streams asked for", async () => {
    let given: AttachStreams | undefined
    const start = async (
      _: string,
      options: { readonly streams?: AttachStreams | undefined } = {},
    ): Promise<{ type: 'exited'; exitCode: number }> => {
      given = options.streams
      given?.stdout?.write('out')
      given?.stderr?.write('err')
      given?.stdout?.write(await buffer(given.stdin ?? Readable.from([])))
      return { type: 'exited', exitCode: 7 }
    }
    const ran = await podwright('run -i --rm debian cat', { containers: { create, start }, stdin: 'typed' })
    expect(ran).toMatchObject({ code: 7, stdout: 'outtyped', stderr: 'err' })
    expect(ran.engine.closed()).toBe(true)
  })

  test.each([
    ['run x', ['stdout', 'stderr']],
    ['run -i x', ['stdin', 'stdout', 'stderr']],
    ['run -t x', ['stdout']],
    ['run -it x', ['stdin', 'stdout']],
    ['run -a stdout x', ['stdout']],
    ['run -i -a STDIN -a stderr x', ['stdin', 'stderr']],
    ['run --detach-keys ctrl-x x', ['stdout', 'stderr', 'detachKeys']],
  ])('%s: %j', async (line, names) => {
    let given: AttachStreams = {}
    const start = async (_: string, options: { readonly streams?: AttachStreams | undefined } = {}): Promise<{ type: 'detached' }> => {
      given = options.streams ?? {}
      return { type: 'detached' }
    }
    const { code, stderr } = await podwright(line, { containers: { create, start }, terminal: true })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(namesOf(given)).toEqual(names)
  })

  test.each(['run -it x', 'exec -it x sh'])('%s without a terminal: warns', async (line) => {
    const end = async (): Promise<{ type: 'detached' }> => ({ type: 'detached' })
    const ran = await podwright(line, { containers: { create, start: end, exec: end } })
    expect(ran).toMatchObject({
      code: 0,
      stderr: 'Warning: the input device is not a TTY: --tty and --interactive might not work properly\n',
    })
  })

  test('-d prints the id', async () => {
    const started: unknown[] = []
    const start = async (id: string, options: object = {}): Promise<undefined> => {
      started.push(id, 'streams' in options)
    }
    expect(await podwright('run -d debian', { containers: { create, start } })).toMatchObject({ code: 0, stdout: 'abc\n' })
    expect(started).toEqual(['abc', false])
  })

  test.each([
    ['ERR_CONTAINER_COMMAND_NOT_FOUND', 127],
    ['ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
    ['ERR_RUNTIME_FAILED', 125],
  ])('%s: %d, and with --rm nothing is left', async (code, status) => {
    const removed: unknown[] = []
    const start = async (): Promise<never> => {
      throw new EngineError(code as 'ERR_CONTAINER_RUNNING', 'cannot start abc: no', { hint: 'Look.' })
    }
    const remove = async (id: string, options?: object): Promise<string> => {
      removed.push(id, options)
      return id
    }
    expect(await podwright('run --rm debian nothere', { containers: { create, start, remove } })).toMatchObject({
      code: status,
      stdout: '',
      stderr: 'Error: cannot start abc: no\nLook.\n',
    })
    expect(removed).toEqual(['abc', { force: true }])
    removed.length = 0
    expect((await podwright('run debian nothere', { containers: { create, start, remove } })).code).toBe(status)
    expect(removed).toEqual([])
  })

  test('a signal before the container is there calls the pull off', async () => {
    const signals = testSignals()
    const creating = async (options: ContainerOptions & { readonly signal?: AbortSignal | undefined }): Promise<never> => {
      signals.send('SIGINT')
      throw options.signal?.reason
    }
    expect(await podwright('run debian', { containers: { create: creating }, signals })).toMatchObject({
      code: 130,
      stdout: '',
      stderr: '',
    })
  })

  test('a signal between creation and start ends it too', async () => {
    const signals = testSignals()
    const creating = async (): ReturnType<typeof create> => {
      signals.send('SIGTERM')
      return create()
    }
    const removed: string[] = []
    const remove = async (id: string): Promise<string> => {
      removed.push(id)
      return id
    }
    expect(await podwright('run --rm debian', { containers: { create: creating, remove }, signals })).toMatchObject({ code: 143 })
    expect(removed).toEqual(['abc'])
  })

  test('signals are sent on in order, and again until the container runs', async () => {
    const signals = testSignals()
    const sent: unknown[] = []
    let failures = 2
    const done = Promise.withResolvers<{ type: 'exited'; exitCode: number }>()
    const start = (): Promise<{ type: 'exited'; exitCode: number }> => {
      signals.send('SIGTERM')
      signals.send('SIGUSR1')
      signals.send('SIGWINCH')
      return done.promise
    }
    const kill = async (id: string, options?: object): Promise<void> => {
      if (failures-- > 0) throw new EngineError('ERR_CONTAINER_NOT_RUNNING', 'not yet')
      sent.push([id, options])
      if (sent.length === 3) done.resolve({ type: 'exited', exitCode: 143 })
    }
    const { code } = await podwright('run debian', { containers: { create, start, kill }, signals })
    expect(code).toBe(143)
    expect(sent).toEqual([
      ['abc', { killSignal: 'SIGTERM' }],
      ['abc', { killSignal: 'SIGUSR1' }],
      ['abc', { killSignal: 'SIGWINCH' }],
    ])
  })

  test('with --sig-proxy=false a signal ends us and not the container', async () => {
    const signals = testSignals()
    const start = (): Promise<never> => {
      queueMicrotask(() => signals.send('SIGINT'))
      return new Promise(() => undefined)
    }
    expect(await podwright('run --rm --sig-proxy=false debian', { containers: { create, start }, signals })).toMatchObject({ code: 130 })
  })

  test.each([
    ['run -d -a stdout x', '--detach and --attach contradict each other'],
    ['run -a stdfoo x', 'it is stdin, stdout or stderr'],
    ['run --detach-keys ctrl-1 x', '"ctrl-1" is no key'],
  ])('%s is refused before anything is fetched', async (line, message) => {
    const { code, stderr, choice } = await podwright(line)
    expect(code).toBe(125)
    expect(stderr).toContain(message)
    expect(choice).toBeUndefined()
  })

  test('global flags choose the engine, before and after the command', async () => {
    const start = async (): Promise<undefined> => undefined
    const line = 'run --runtime runc --root=/data -d --storage-driver vfs debian --root x'
    expect((await podwright(['--runroot', '/r', ...line.split(' ')], { containers: { create, start } })).choice).toEqual({
      root: '/data',
      runRoot: '/r',
      runtime: 'runc',
      storageDriver: 'vfs',
    })
  })
})

describe('start, attach, exec', () => {
  const inspect = async (): ReturnType<typeof asDetails> => asDetails()
  const asDetails = async (): Promise<ReturnType<typeof details>> =>
    details({ id: 'abc', options: { image: 'x', stdin: true, terminal: true } })

  test('start prints what was named, in order', async () => {
    const start = async (): Promise<undefined> => undefined
    expect(await podwright('start a b', { containers: { start } })).toMatchObject({ code: 0, stdout: 'a\nb\n' })
  })

  test('start -ai joins as the container was made', async () => {
    let given: AttachStreams = {}
    const start = async (
      _: string,
      options: { readonly streams?: AttachStreams | undefined } = {},
    ): Promise<{ type: 'exited'; exitCode: number }> => {
      given = options.streams ?? {}
      return { type: 'exited', exitCode: 3 }
    }
    expect(await podwright('start -ai web', { containers: { inspect, start } })).toMatchObject({ code: 3, stdout: '' })
    expect(namesOf(given)).toEqual(['stdin', 'stdout'])
    const several = await podwright('start -a web db', { containers: { inspect, start } })
    expect(several).toMatchObject({ code: 125 })
    expect(several.stderr).toContain('cannot attach to 2 containers at a time')
  })

  test('attach', async () => {
    const attach = async (id: string, streams: AttachStreams): Promise<{ type: 'exited'; exitCode: number }> => {
      expect([id, namesOf(streams)]).toEqual(['abc', ['stdout']])
      return { type: 'exited', exitCode: 4 }
    }
    expect(await podwright('attach --no-stdin web', { containers: { inspect, attach } })).toMatchObject({ code: 4 })
  })

  test('exec', async () => {
    const seen: unknown[] = []
    const exec: Containers['exec'] = async (id, options) => {
      const { streams = {}, ...rest } = options
      seen.push([id, { ...rest, signal: undefined }, namesOf(streams)])
      return undefined
    }
    const line = 'exec -i -w /srv -u 5 -e A=b --privileged web ls -la'
    expect((await podwright(line, { containers: { exec } })).code).toBe(0)
    expect((await podwright('exec -d web touch x', { containers: { exec } })).code).toBe(0)
    expect(seen).toEqual([
      [
        'web',
        { command: ['ls', '-la'], environment: { A: 'b' }, workingDirectory: '/srv', user: '5', privileged: true },
        ['stdin', 'stdout', 'stderr'],
      ],
      ['web', { command: ['touch', 'x'] }, []],
    ])
    expect(await podwright('exec web')).toMatchObject({ code: 125 })
  })

  test('what is not there', async () => {
    const missing = async (reference: string): Promise<never> => {
      throw noContainer(reference)
    }
    const stderr = 'Error: no container is named "nope"\nSee \'podwright ps -a\'.\n'
    expect(await podwright('start nope', { containers: { start: missing } })).toMatchObject({ code: 125, stderr })
    expect(await podwright('exec nope true', { containers: { exec: missing } })).toMatchObject({ code: 125, stderr })
    expect(await podwright('attach nope', { containers: { inspect: missing } })).toMatchObject({ code: 125, stderr })
  })
})
