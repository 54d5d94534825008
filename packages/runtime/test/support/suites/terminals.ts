import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { attach, resizeTerminal } from '../../../src/index.ts'
import { Sink } from '../streams.ts'
import { type Context } from './context.ts'

export function describeTerminals({ make }: Context): void {
  test('has the window’s size, and its changes', async () => {
    const script = 'stty size; trap "stty size" WINCH; echo ready; until stty size | grep -q 44; do sleep 0.05; done'
    await using container = await make({
      command: ['sh', '-c', script],
      terminal: true,
      stdin: true,
      process: { consoleSize: { rows: 22, columns: 66 } },
    })
    const stdout = new Sink()
    await container.create()
    const changed = Promise.withResolvers<void>()
    const window = (async function* () {
      yield { rows: 22, columns: 66 }
      await changed.promise
      yield { rows: 44, columns: 88 }
    })()
    const attachment = attach(container.paths, { stdout, window }, { onConnected: () => container.start() })
    await stdout.until('ready')
    changed.resolve()
    expect(await attachment).toBe('ended')
    expect(stdout.text()).toMatch(/^22 66\r\nready\r\n.*44 88\r\n/s)
    await container.wait()
    // Nobody listens once the monitor is gone, too.
    while (resizeTerminal(container.paths.controlFifo, { rows: 1, columns: 1 })) await sleep(10)
  })

  test('detaches by its keys, and can be joined again', async () => {
    await using container = await make({ command: ['sh', '-c', 'stty raw -echo; echo ready; cat'], terminal: true, stdin: true })
    const [stdin, stdout] = [new PassThrough(), new Sink()]
    await container.create()
    const attachment = attach(container.paths, { stdin, stdout }, { onConnected: () => container.start() })
    await stdout.until('ready')
    // A ctrl-p that no ctrl-q follows is the container's.
    stdin.write('a\u0010b')
    await stdout.until('a\u0010b')
    stdin.write('c\u0010')
    await sleep(50)
    stdin.write('\u0011never')
    expect(await attachment).toBe('detached')
    expect(stdout.text()).not.toContain('never')
    expect(await container.runtime.state(container.id)).toMatchObject({ status: 'running' })
    const [again, more] = [new PassThrough(), new Sink()]
    const second = attach(container.paths, { stdin: again, stdout: more })
    again.write('back')
    await more.until('back')
    again.write('\u0010\u0011')
    expect(await second).toBe('detached')
  })
}
