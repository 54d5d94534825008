import { execFile } from 'node:child_process'
import { openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Descriptor } from '../src/descriptor.ts'
import { spawnProcess } from '../src/spawn-process.ts'

/** Both ends of a pipe, through `cat`. */
function throughCat(): { child: ReturnType<typeof spawnProcess>; to: Descriptor; from: Descriptor } {
  const child = spawnProcess('/bin/cat', [], { descriptors: ['reads', 'writes'] })
  return { child, to: child.pipes[0]!, from: child.pipes[1]! }
}

describe('Descriptor', () => {
  test('more than a pipe holds goes through byte for byte', async () => {
    const { child, to, from } = throughCat()
    const bytes = Buffer.alloc(5_000_003, 'podwright')
    const sending = to.write(bytes).then(() => to.close())
    const received = Buffer.from(await from.readAll())
    await sending
    expect(received.equals(bytes)).toBe(true)
    child.release()
  })

  test('many wait at once, each for its own', async () => {
    const cats = Array.from({ length: 20 }, throughCat)
    const reads = cats.map(({ from }) => from.read())
    // The last one first, one after the other, so that those who wait are looked at again and again.
    for (const [index, { to }] of [...cats.entries()].toReversed()) {
      await to.write(`to ${index}`)
      expect(Buffer.from((await reads[index]) ?? []).toString()).toBe(`to ${index}`)
    }
    for (const { child } of cats) child.release()
  })

  test('a read and a write end when it is closed', async () => {
    const { child, to, from } = throughCat()
    const read = from.read()
    await new Promise((resolve) => setTimeout(resolve, 20))
    from.close()
    expect(await read).toBeUndefined()
    expect(await from.read()).toBeUndefined()
    // The program may end before it is stopped, since nobody reads what it writes.
    const write = to.write(Buffer.alloc(10_000_000)).catch((error: unknown) => expect(error).toMatchObject({ code: 'EPIPE' }))
    child.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 20))
    to.close()
    await write
    child.kill('SIGKILL')
    child.release()
  })

  test('nobody reads any more', async () => {
    const child = spawnProcess('/bin/true', [], { descriptors: ['reads'] })
    await child.exited()
    await expect(child.pipes[0]!.write('x')).rejects.toMatchObject({ code: 'EPIPE', syscall: 'write' })
    child.release()
  })

  test('what never waits leaves timers their turn', async () => {
    using zeros = new Descriptor(openSync('/dev/zero', 'r'))
    const over = new Promise((resolve) => setTimeout(resolve, 20, 'over'))
    const reading = (async (): Promise<void> => {
      while (zeros.fd >= 0) await zeros.read()
    })()
    expect(await over).toBe('over')
    zeros.close()
    await reading
  })

  test('none is left open', async () => {
    const count = (): number => readdirSync('/proc/self/fd').length
    const round = async (): Promise<void> => {
      const { child, to, from } = throughCat()
      to.close()
      expect(await from.read()).toBeUndefined()
      child.release()
    }
    await round()
    const before = count()
    for (let index = 0; index < 10; index++) await round()
    expect(count()).toBe(before)
  })
})

test('a process exits while something is waited for', { timeout: 20_000 }, async () => {
  const source = join(import.meta.dirname, '../src/spawn-process.ts')
  const program = `
    import { spawnProcess } from ${JSON.stringify(source)}
    const child = spawnProcess('/bin/sleep', ['100'], { descriptors: ['null', 'writes'] })
    void child.pipes[1].read()
    setTimeout(() => { child.kill('SIGKILL'); process.exit(7) }, 50)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  `
  const running = promisify(execFile)(process.execPath, ['-C', '@podwright/source', '--input-type=module', '-e', program], {
    timeout: 10_000,
  })
  await expect(running).rejects.toMatchObject({ code: 7 })
})
