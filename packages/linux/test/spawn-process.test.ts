import { isPodwrightError } from '@podwright/conventions'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { Descriptor } from '../src/descriptor.ts'
import { closeInheritedOnExec } from '../src/inherited-descriptors.ts'
import { type SpawnProcessOptions, spawnProcess } from '../src/spawn-process.ts'

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'podwright-spawn-')))
afterAll(() => rmSync(directory, { recursive: true }))

async function text(pipe: Descriptor | undefined): Promise<string> {
  return Buffer.from((await pipe?.readAll()) ?? []).toString()
}

/** What a shell script wrote, and how it ended. */
async function run(script: string, options: SpawnProcessOptions = {}): Promise<readonly [output: string, exitCode: number]> {
  const child = spawnProcess('/bin/sh', ['-c', script], { descriptors: ['null', 'writes', 'null'], ...options })
  const output = await text(child.pipes[1])
  const { exitCode } = await child.exited()
  child.release()
  return [output, exitCode]
}

test('hands on words, environment and directory as they are', async () => {
  const child = spawnProcess('/bin/sh', ['-c', 'printf "%s|" "$@" "$NAME" "$PWD"', 'sh', 'a b', '', 'ü*'], {
    descriptors: ['null', 'writes'],
    env: { NAME: 'x=y', MISSING: undefined },
    cwd: directory,
  })
  expect(await text(child.pipes[1])).toBe(`a b||ü*|x=y|${directory}|`)
  expect(await child.exited()).toEqual({ exitCode: 0, signal: undefined })
})

describe('descriptors', () => {
  test('our own, which Node would have closed', () => {
    const fixture = fileURLToPath(new URL('fixtures/pass-on.ts', import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-C', '@podwright/source', fixture], {
      input: 'in\n',
      encoding: 'utf8',
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'got in\n', stderr: 'err\n' })
  })

  test('beyond the third one', async () => {
    const child = spawnProcess('/bin/sh', ['-c', 'read line <&4; echo "got $line" >&3'], {
      descriptors: ['null', 'null', 'null', 'writes', 'reads'],
    })
    await child.pipes[4]!.write('a word\n')
    expect(await text(child.pipes[3])).toBe('got a word\n')
    expect((await child.exited()).exitCode).toBe(0)
  })

  test('a child has those asked for alone', async () => {
    // What whoever runs the tests left open is not ours.
    closeInheritedOnExec()
    const [listing] = await run('ls /proc/self/fd', { descriptors: ['null', 'writes', 'null'] })
    // ls itself has its directory open.
    expect(listing.trim().split('\n')).toEqual(['0', '1', '2', '3'])
  })

  test('none is left open here', async () => {
    const count = (): number => readdirSync('/proc/self/fd').length
    await run('true')
    const before = count()
    for (let round = 0; round < 20; round++) await run('true')
    for (let round = 0; round < 20; round++) {
      expect(() => spawnProcess('/missing', [], { descriptors: ['reads', 'writes'] })).toThrow('ENOENT')
    }
    expect(count()).toBe(before)
  })
})

test('a signal that this process ignores is not ignored by the child', async () => {
  const ignored = (status: string): bigint => BigInt(`0x${/^SigIgn:\s*(\w+)$/m.exec(status)?.[1]}`)
  const pipeSignal = 1n << 12n
  expect(ignored(readFileSync('/proc/self/status', 'utf8')) & pipeSignal).toBe(pipeSignal)
  const [status] = await run('cat /proc/self/status')
  expect(ignored(status)).toBe(0n)
})

test('a session of its own', async () => {
  const session = async (newSession: boolean): Promise<boolean> => {
    const [stat] = await run('echo $$; cat /proc/$$/stat', { newSession })
    const [pid, fields = ''] = stat.split('\n')
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[3] === pid
  }
  expect([await session(true), await session(false)]).toEqual([true, false])
})

test.each([
  ['exit 7', { exitCode: 7, signal: undefined }],
  ['kill -TERM $$', { exitCode: 143, signal: 'SIGTERM' }],
])('tells how it ended: %s', async (script, status) => {
  const child = spawnProcess('/bin/sh', ['-c', script])
  expect(await child.exited()).toEqual(status)
  expect(await child.exited()).toEqual(status)
})

test('what can not be executed is an error', async () => {
  for (const [path, errno] of [
    ['/missing', 'ENOENT'],
    ['/etc/passwd', 'EACCES'],
  ] as const) {
    const error = thrown(() => spawnProcess(path, []))
    expect(isPodwrightError(error, 'ERR_TOOL_FAILED') && error.details).toEqual({ tool: path, errno })
  }
})

test('one that is let go of is reaped all the same', async () => {
  const child = spawnProcess('/bin/sleep', ['100'])
  child.release()
  child.kill('SIGKILL')
  await expect.poll(() => readdirSync('/proc').includes(String(child.pid)), { timeout: 5_000 }).toBe(false)
  // Nothing is signalled once the number may be somebody else's.
  child.kill('SIGKILL')
})

function thrown(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
