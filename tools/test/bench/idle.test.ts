import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { newProcesses } from '../../bench/idle.ts'
import { allPids } from '../../bench/processes.ts'

/** Starts a shell that tells when it runs, and waits for its input to end. */
async function start(args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv }) {
  const child = spawn('sh', ['-c', 'echo up; read _', ...args], { stdio: ['pipe', 'pipe', 'inherit'], ...options })
  await once(child.stdout, 'data')
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await once(child, 'close')
    },
  }
}

describe('newProcesses', () => {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-idle-'))

  test.each([
    ['its command line', ['sh', `--store=${directory}`], {}],
    ['its environment', [], { env: { HOME: directory, PATH: '/bin:/usr/bin' } }],
    ['its directory', [], { cwd: directory }],
  ])('finds a process by %s, and no other of the same user', async (_, args, options) => {
    const known = new Set(allPids())
    await using _own = await start(args, options)
    await using _other = await start([], {})
    expect(newProcesses(known, [directory]).map(({ command }) => command)).toEqual(['sh'])
    expect(newProcesses(new Set(allPids()), [directory])).toEqual([])
  })

  afterAll(() => rmSync(directory, { recursive: true }))
})
