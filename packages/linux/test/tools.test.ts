import { isPodwrightError } from '@podwright/conventions'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { installCommand, installHint, toolPackages } from '../src/tool-packages.ts'
import { findTool, requireTool, runTool } from '../src/tools.ts'

const path = process.env['PATH']
afterAll(() => (process.env['PATH'] = path))

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podwright-tools-'))
  process.env['PATH'] = `${directory}:relative:${path}`
})
afterEach(() => rmSync(directory, { recursive: true }))

function tool(name: string, body: string): string {
  const file = join(directory, name)
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}

describe('findTool', () => {
  test('finds on PATH, then where the system keeps its own', () => {
    const mine = tool('podwright-a', '')
    expect(findTool('podwright-a')).toBe(mine)
    process.env['PATH'] = '/nowhere'
    expect(findTool('sh')).toMatch(/^\/(usr\/)?bin\/sh$/)
  })

  test('takes no directory, no link that leads nowhere, and nothing that is not executable', () => {
    mkdirSync(join(directory, 'podwright-b'))
    symlinkSync('missing', join(directory, 'podwright-c'))
    writeFileSync(join(directory, 'podwright-d'), '')
    expect(['podwright-b', 'podwright-c', 'podwright-d', '/podwright-e'].map(findTool)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('finds what was installed meanwhile', () => {
    expect(findTool('podwright-f')).toBeUndefined()
    tool('podwright-f', '')
    expect(findTool('podwright-f')).toBe(join(directory, 'podwright-f'))
  })
})

test('requireTool names the package', () => {
  const error = attempt(() => requireTool('podwright-none'))
  expect(isPodwrightError(error, 'ERR_TOOL_NOT_FOUND') && error.hint).toBe('Install podwright-none, or put its directory on PATH.')
})

describe('installing', () => {
  test.each([
    ['debian', 'sudo apt-get install uidmap crun'],
    ['fedora', 'sudo dnf install shadow-utils crun'],
    ['arch', 'sudo pacman -S shadow crun'],
  ] as const)('on %s: %s', (family, command) => {
    expect(installCommand(['newuidmap', 'newgidmap', 'crun'], family)).toBe(command)
  })

  test('is not told where it is not known', () => {
    expect(installCommand(['crun', 'podwright-none'], 'debian')).toBeUndefined()
    expect(installHint('pasta')).toMatch(/passt/)
    expect(Object.keys(toolPackages)).toEqual(expect.arrayContaining(['conmon', 'nsenter', 'fuse-overlayfs', 'catatonit', 'nft', 'ip']))
  })
})

describe('runTool', () => {
  test('gives input, environment and directory, and takes both outputs', async () => {
    const program = tool('podwright-g', 'cat; echo "$A in $(pwd)"; echo warning >&2')
    const options = { input: 'first\n', env: { A: 'x', PATH: '/usr/bin:/bin' }, cwd: '/' }
    const result = await runTool(program, [], options)
    expect(result).toEqual({ exitCode: 0, signal: undefined, stdout: 'first\nx in /\n', stderr: 'warning\n' })
  })

  test('has an empty stdin', async () => {
    expect((await runTool('cat', [])).stdout).toBe('')
  })

  test('a failure is an error with the last words', async () => {
    tool('podwright-h', 'echo a reason >&2; exit 3')
    const error = await runTool('podwright-h', ['one', 'two']).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ERR_TOOL_FAILED', details: { exitCode: 3, stderr: 'a reason' } })
    expect((error as Error).message).toMatch(/podwright-h one two: it ended with 3: a reason$/)
    expect((await runTool('podwright-h', [], { allowFailure: true })).exitCode).toBe(3)
  })

  test('a signal is told', async () => {
    const result = await runTool('sh', ['-c', 'kill -TERM $$'], { allowFailure: true })
    expect(result).toMatchObject({ exitCode: 143, signal: 'SIGTERM' })
  })

  test('an abort ends it, and rejects with its reason once it is gone', async () => {
    const controller = new AbortController()
    const running = runTool('sleep', ['100'], { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await expect(running).rejects.toThrow('enough')
    await expect(runTool('true', [], { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('what is no program is an error', async () => {
    writeFileSync(join(directory, 'podwright-i'), '\u007FELF, not really')
    chmodSync(join(directory, 'podwright-i'), 0o755)
    await expect(runTool('podwright-i', [])).rejects.toMatchObject({ code: 'ERR_TOOL_FAILED' })
  })

  test('a tool that reads none of a large input does no harm', async () => {
    const result = await runTool('true', [], { input: Buffer.alloc(1_000_000) })
    expect(result.exitCode).toBe(0)
  })
})

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
