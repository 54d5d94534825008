import type { Containers, PullOptions, StoredImage } from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { describe, expect, test } from 'vitest'
import { exited, image, noContainer, noImage, summary } from '../fixtures/engine.ts'
import { podwright, testSignals } from '../fixtures/program.ts'

const list = async (): Promise<ReturnType<typeof summary>[]> => [exited(0), summary()]

/** Containers that know only `web` and `job`, and keep what was asked of them. */
function recording<Name extends 'stop' | 'restart' | 'pause' | 'unpause' | 'initialize' | 'remove' | 'kill' | 'wait' | 'cleanup'>(
  name: Name,
  result: unknown,
): { calls: unknown[]; containers: Partial<Containers> } {
  const calls: unknown[] = []
  const method = async (reference: string, { signal: _signal, ...options }: { readonly signal?: unknown } = {}): Promise<unknown> => {
    if (reference === 'nope') throw noContainer(reference)
    calls.push([reference, options])
    return result
  }
  return { calls, containers: { list, [name]: method } }
}

const missing = 'Error: no container is named "nope"\nSee \'podwright ps -a\'.\n'

describe('stop, kill, wait, rm', () => {
  test.each([
    ['stop web', [['web', {}]], 'web\n'],
    [
      'stop -t 1 web job',
      [
        ['web', { timeoutSeconds: 1 }],
        ['job', { timeoutSeconds: 1 }],
      ],
      'web\njob\n',
    ],
    ['stop --timeout=0 web', [['web', { timeoutSeconds: 0 }]], 'web\n'],
    ['stop -a', [[summary().id, {}]], `${summary().id}\n`],
    ['stop -l', [[summary().id, {}]], `${summary().id}\n`],
    ['container stop web', [['web', {}]], 'web\n'],
  ])('%s', async (line, calls, stdout) => {
    const stop = recording('stop', undefined)
    expect(await podwright(line, stop)).toMatchObject({ code: 0, stdout, stderr: '' })
    expect(stop.calls).toEqual(calls)
  })

  test.each([
    ['restart web', [['web', {}]], 'web\n'],
    ['restart -t 1 web', [['web', { timeoutSeconds: 1 }]], 'web\n'],
    [
      'restart -a',
      [
        [exited(0).id, {}],
        [summary().id, {}],
      ],
      `${exited(0).id}\n${summary().id}\n`,
    ],
    ['restart --running', [[summary().id, {}]], `${summary().id}\n`],
    ['restart -a --running', [[summary().id, {}]], `${summary().id}\n`],
    ['container restart -l', [[summary().id, {}]], `${summary().id}\n`],
  ])('%s', async (line, calls, stdout) => {
    const restart = recording('restart', undefined)
    expect(await podwright(line, restart)).toMatchObject({ code: 0, stdout, stderr: '' })
    expect(restart.calls).toEqual(calls)
  })

  test.each([
    ['pause web job', 'pause', ['web', 'job']],
    ['pause -a', 'pause', [summary().id]],
    ['container pause -l', 'pause', [summary().id]],
    ['unpause web', 'unpause', ['web']],
    ['init web', 'initialize', ['web']],
    ['container init web', 'initialize', ['web']],
    ['container unpause --all', 'unpause', []],
  ] as const)('%s', async (line, method, references) => {
    const acted = recording(method, undefined)
    expect(await podwright(line, acted)).toMatchObject({ code: 0, stdout: references.map((one) => `${one}\n`).join(''), stderr: '' })
    expect(acted.calls).toEqual(references.map((one) => [one, {}]))
  })

  test.each([
    ['kill web', 'SIGKILL'],
    ['kill -s HUP web', 'HUP'],
    ['kill --signal=9 web', '9'],
  ])('%s', async (line, signal) => {
    const kill = recording('kill', undefined)
    expect(await podwright(line, kill)).toMatchObject({ code: 0, stdout: 'web\n' })
    expect(kill.calls).toEqual([['web', { killSignal: signal }]])
  })

  test('wait prints exit codes in the order asked', async () => {
    expect(await podwright('wait web job', recording('wait', 5))).toMatchObject({ code: 0, stdout: '5\n5\n' })
    expect(await podwright('wait --ignore web nope', recording('wait', 5))).toMatchObject({ code: 0, stdout: '5\n-1\n' })
  })

  test.each([
    ['rm web', [['web', { force: false }]], 'web\n'],
    ['rm -f -t 2 web', [['web', { force: true, timeoutSeconds: 2 }]], 'web\n'],
    ['rm -fv web', [['web', { force: true, volumes: true }]], 'web\n'],
    [
      'rm -fa',
      [
        [exited(0).id, { force: true, together: [exited(0).id, summary().id] }],
        [summary().id, { force: true, together: [exited(0).id, summary().id] }],
      ],
      `${exited(0).id}\n${summary().id}\n`,
    ],
  ])('%s', async (line, calls, stdout) => {
    const rm = recording('remove', 'id')
    expect(await podwright(line, rm)).toMatchObject({ code: 0, stdout, stderr: '' })
    expect(rm.calls).toEqual(calls)
  })

  test.each([
    ['stop nope web', 'stop', 125],
    ['restart nope web', 'restart', 125],
    ['pause nope web', 'pause', 125],
    ['unpause nope web', 'unpause', 125],
    ['kill nope web', 'kill', 125],
    ['wait nope web', 'wait', 125],
    ['rm nope web', 'remove', 1],
  ] as const)('%s: the others are acted on, the exit code says it', async (line, name, code) => {
    const acted = recording(name, undefined)
    expect(await podwright(line, acted)).toMatchObject({ code, stderr: missing })
    expect(acted.calls).toHaveLength(1)
  })

  test.each(['rm -f nope', 'rm -i nope'])('%s: nothing to remove is no failure', async (line) => {
    expect(await podwright(line, recording('remove', undefined))).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  test('a running container is not removed', async () => {
    const remove = async (): Promise<never> => {
      throw new EngineError('ERR_CONTAINER_RUNNING', 'cannot remove web: it is running', { hint: 'Stop it, or use --force.' })
    }
    expect(await podwright('rm web', { containers: { remove } })).toMatchObject({
      code: 125,
      stderr: 'Error: cannot remove web: it is running\nStop it, or use --force.\n',
    })
  })

  test.each([
    ['stop', 'no container is named'],
    ['rm -a web', 'one of them'],
    ['kill -l web', 'one of them'],
    ['restart --running web', '--running means every container that runs'],
  ])('%s', async (line, message) => {
    const { code, stderr } = await podwright(line, recording('stop', undefined))
    expect(code).toBe(125)
    expect(stderr).toContain(message)
  })

  test('container exists tells by its exit code', async () => {
    const exists = async (reference: string): Promise<boolean> => reference === 'web'
    expect(await podwright('container exists web', { containers: { exists } })).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await podwright('container exists nope', { containers: { exists } })).toMatchObject({ code: 1, stdout: '', stderr: '' })
  })

  test('container cleanup', async () => {
    const cleanup = recording('cleanup', undefined)
    expect(await podwright('container cleanup nope web', cleanup)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(cleanup.calls).toEqual([['web', {}]])
  })

  test('at most eight are acted on at a time', async () => {
    let active = 0
    let most = 0
    const stop = async (): Promise<void> => {
      most = Math.max(most, ++active)
      await new Promise(setImmediate)
      active--
    }
    const names = Array.from({ length: 20 }, (_, index) => `c${index}`)
    expect((await podwright(['stop', ...names], { containers: { stop } })).stdout).toBe(`${names.join('\n')}\n`)
    expect(most).toBe(8)
  })
})

describe('pull, rmi', () => {
  const pulled = { image: image(), name: 'docker.io/library/debian:12', digest: undefined, updated: true }

  test('pull prints ids, and on stderr how it went', async () => {
    const asked: unknown[] = []
    const pull = async (reference: string, { onProgress, signal, ...options }: PullOptions = {}): Promise<typeof pulled> => {
      asked.push([reference, options, signal instanceof AbortSignal])
      onProgress?.({ type: 'pull:resolve', reference })
      return pulled
    }
    const line = 'pull --tls-verify=false --policy newer 127.0.0.1:5000/debian:1 debian'
    expect(await podwright(line, { images: { pull } })).toMatchObject({
      code: 0,
      stdout: `${'d'.repeat(64)}\n${'d'.repeat(64)}\n`,
      stderr: 'Resolving 127.0.0.1:5000/debian:1\nResolving debian\n',
    })
    expect(asked).toEqual([
      ['127.0.0.1:5000/debian:1', { tlsVerify: false, policy: 'newer' }, true],
      ['debian', { tlsVerify: false, policy: 'newer' }, true],
    ])
    expect(await podwright('pull -q debian', { images: { pull } })).toMatchObject({ stdout: `${'d'.repeat(64)}\n`, stderr: '' })
  })

  test('a pull called off', async () => {
    const signals = testSignals()
    const pull = async (_: string, { signal }: PullOptions = {}): Promise<never> => {
      signals.send('SIGINT')
      throw signal?.reason
    }
    expect(await podwright('pull a b', { images: { pull }, signals })).toMatchObject({ code: 130, stdout: '', stderr: '' })
  })

  test('rmi', async () => {
    const asked: unknown[] = []
    const images = {
      list: async (): Promise<StoredImage[]> => [image()],
      remove: async (
        reference: string,
        { force }: { readonly force?: boolean } = {},
      ): Promise<{ untagged: string[]; deleted: `sha256:${string}`[]; freedBytes: number }> => {
        if (reference === 'nope') throw noImage(reference)
        asked.push([reference, force])
        return { untagged: ['docker.io/library/debian:12'], deleted: [image().id as `sha256:${string}`], freedBytes: 0 }
      },
    }
    const stdout = `Untagged: docker.io/library/debian:12\nDeleted: ${'d'.repeat(64)}\n`
    expect(await podwright('rmi debian:12', { images })).toMatchObject({ code: 0, stdout })
    expect(await podwright('rmi nope', { images })).toMatchObject({ code: 1, stderr: 'Error: no image is named "nope"\n' })
    expect(await podwright('rmi -f nope', { images })).toMatchObject({ code: 0, stderr: '' })
    expect(await podwright('rmi -a', { images })).toMatchObject({ code: 0, stdout })
    for (const line of ['rmi -a --platform arm64', 'rmi --platform a/b/c/d debian:12']) {
      expect(await podwright(line, { images })).toMatchObject({ code: 125, stdout: '' })
    }
    expect(await podwright('image rm', { images })).toMatchObject({ code: 125 })
    expect(asked).toEqual([
      ['debian:12', false],
      [image().id, true],
    ])
  })
})
