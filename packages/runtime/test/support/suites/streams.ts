import { createHash } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { attach, readExit, readLog } from '../../../src/index.ts'
import { HashSink, noise, Sink } from '../streams.ts'
import { type Context } from './context.ts'

const megabyte = 1024 * 1024

export function describeStreams({ make, runtime }: Context): void {
  test('stdout and stderr come apart', async () => {
    await using container = await make({ command: ['sh', '-c', 'echo out; echo err >&2'] })
    const [stdout, stderr] = [new Sink(), new Sink()]
    await container.create()
    expect(await attach(container.paths, { stdout, stderr }, { onConnected: () => container.start() })).toBe('ended')
    expect([stdout.text(), stderr.text()]).toEqual(['out\n', 'err\n'])
  })

  test('the end of stdin is the end of file inside', async () => {
    await using container = await make({ command: ['wc', '-c'], stdin: true })
    const [stdin, stdout] = [new PassThrough(), new Sink()]
    stdin.end('hello')
    await container.create()
    await attach(container.paths, { stdin, stdout, detachKeys: new Uint8Array() }, { onConnected: () => container.start() })
    expect(stdout.text().trim()).toBe('5')
  })

  if (runtime === 'crun') {
    test('100 MB through cat, byte for byte', async () => {
      await using container = await make({ command: ['cat'], stdin: true, container: { logDriver: 'none' } })
      const sent = createHash('sha256')
      const stdout = new HashSink()
      await container.create()
      await attach(
        container.paths,
        { stdin: noise(100 * megabyte, sent), stdout, detachKeys: new Uint8Array() },
        { onConnected: () => container.start() },
      )
      expect(stdout.bytes).toBe(100 * megabyte)
      expect(stdout.hash.digest('hex')).toBe(sent.digest('hex'))
      expect(await container.wait()).toBe(0)
    })
  }

  test('a slow reader loses nothing', async () => {
    await using container = await make({ command: ['cat'], stdin: true, container: { logDriver: 'none' } })
    const sent = createHash('sha256')
    const stdout = new HashSink(512 * 1024)
    await container.create()
    await attach(
      container.paths,
      { stdin: noise(16 * megabyte, sent), stdout, detachKeys: new Uint8Array() },
      { onConnected: () => container.start() },
    )
    expect(stdout.bytes).toBe(16 * megabyte)
    expect(stdout.hash.digest('hex')).toBe(sent.digest('hex'))
  })

  test('a slow container is waited for', async () => {
    await using container = await make({ command: ['sh', '-c', 'sleep 1; md5sum; wc -c </dev/null'], stdin: true })
    const [sent, stdout] = [createHash('md5'), new Sink()]
    await container.create()
    await attach(
      container.paths,
      { stdin: noise(8 * megabyte, sent), stdout, detachKeys: new Uint8Array() },
      { onConnected: () => container.start() },
    )
    expect(stdout.text()).toContain(sent.digest('hex'))
  })

  test('a closed stdout ends the attachment, not the container', async () => {
    await using container = await make({ command: ['sh', '-c', 'while :; do echo y; sleep 0.01; done'] })
    const stdout = new PassThrough()
    await container.create()
    const attachment = attach(container.paths, { stdout }, { onConnected: () => container.start() })
    stdout.once('data', () => stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })))
    expect(await attachment).toBe('output-closed')
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
  })

  test('an abort leaves the container alone', async () => {
    await using container = await make({ command: ['sleep', '100'] })
    const abort = new AbortController()
    await container.create()
    const attachment = attach(container.paths, { stdout: new Sink() }, { signal: abort.signal, onConnected: () => container.start() })
    setTimeout(() => abort.abort(new Error('enough')), 100)
    await expect(attachment).rejects.toThrow('enough')
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
  })

  test('a followed log tells lines as they come, and ends', async () => {
    await using container = await make({ command: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.2; done; printf end'] })
    await container.create()
    await container.start()
    const ended = async (): Promise<boolean> => readExit(container.container.exitDirectory, container.id) !== undefined
    let text = ''
    for await (const { data } of readLog(container.container.logPath, { follow: true, ended, pollMs: 50 }))
      text += Buffer.from(data).toString()
    expect(text).toBe('1\n2\n3\nend')
  })
}
