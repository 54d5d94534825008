import { readFileSync, rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exited, image, summary } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

const engine = {
  containers: { list: async () => [exited(3), summary()] },
  images: { list: async () => [image(), image({ names: ['quay.io/app:1'] })] },
  volumes: { list: async () => [{ name: 'data', driver: 'local' } as never] },
  system: {
    devices: async () => ({
      directories: ['/etc/cdi'],
      devices: ['nvidia.com/gpu=0', 'nvidia.com/gpu=all', 'v.com/c=a'].map((name) => ({ name, file: '/etc/cdi/a.yaml' })),
      problems: [],
    }),
  },
}

/** The lines that a shell gets for words, the last of which is being typed. */
const completed = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { stdout, stderr, code } = await podwright(['__complete', '--no-desc', '--', ...words], engine)
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('podwright __complete', () => {
  test.each<[readonly string[], readonly string[]]>([
    [['ru'], ['run']],
    [['volu'], ['volume']],
    [
      ['volume', 'ex'],
      ['exists', 'export'],
    ],
    [['__'], []],
    [['container', 'clean'], []],
    [['help', 'volume', 'cl'], ['clone']],
    [['nosuch', ''], []],
    [['run', '--netw'], ['--network']],
    [
      ['run', '--device', 'nv'],
      ['nvidia.com/gpu=0', 'nvidia.com/gpu=all', ':files'],
    ],
    [
      ['run', '--device=v'],
      ['--device=v.com/c=a', ':files'],
    ],
    [
      ['run', '--gpus', ''],
      ['all', 'device=0'],
    ],
    [
      ['run', '--network', ''],
      ['none', 'host', 'private', 'container:', 'ns:/', 'pasta', 'slirp4netns'],
    ],
    [['run', '--network=h'], ['--network=host']],
    [
      ['run', '--net=n'],
      ['--net=none', '--net=ns:/'],
    ],
    [
      ['run', '--pull', 'n'],
      ['newer', 'never'],
    ],
    [
      ['--log-level', 'warn'],
      ['warn', 'warning'],
    ],
    [['--storage-driver', 'v'], ['vfs']],
    [
      ['ps', '--format', ''],
      ['json', 'table'],
    ],
    [['kill', '-s', 'KI'], ['KILL']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['completion', 'bash', ''], []],
    [['run', '--workdir', ''], [':directories']],
    [['run', '--env-file', ''], [':files']],
    [['load', '-i', ''], [':files']],
    // Names, by what the command can do with them.
    [
      ['rm', ''],
      ['job', 'web'],
    ],
    [['rm', 'job', ''], ['web']],
    [
      ['cp', ''],
      ['job:', 'web:', ':files'],
    ],
    [
      ['cp', 'site', 'w'],
      ['web:', ':files', ':goes-on'],
    ],
    [['cp', './'], [':files']],
    [['cp', 'web:/et'], []],
    [['cp', 'web:/etc', '.', ''], []],
    [['rm', '-f', 'w'], ['web']],
    [['stop', ''], ['web']],
    [['pause', ''], ['web']],
    [['unpause', ''], []],
    [['stats', ''], ['web']],
    [
      ['container', 'rename', ''],
      ['job', 'web'],
    ],
    [['rename', 'web', ''], []],
    [
      ['restart', ''],
      ['job', 'web'],
    ],
    [['top', ''], ['web']],
    [
      ['top', 'web', 'pid', 'p'],
      ['pcpu', 'pgid', 'ppid'],
    ],
    [['container', 'stop', ''], ['web']],
    [['start', ''], ['job']],
    [['init', ''], ['job']],
    [['rm', 'a1b2'], ['a1b2c3d4e5f6']],
    [
      ['rmi', ''],
      ['debian:12', 'quay.io/app:1'],
    ],
    [['rmi', 'docker.io/'], ['docker.io/library/debian:12']],
    [
      ['run', '--rm', '-it', ''],
      ['debian:12', 'quay.io/app:1'],
    ],
    [['run', '--name', 'x', '-e', 'A=b', 'deb'], ['debian:12']],
    [['run', 'debian:12', ''], [':files']],
    [['run', 'debian:12', 'ls', '--'], [':files']],
    [['exec', 'web', ''], [':files']],
    [['volume', 'rm', ''], ['data']],
    [
      ['inspect', ''],
      ['job', 'web', 'debian:12', 'quay.io/app:1', 'data'],
    ],
    [['--root', '/x', 'rm', 'we'], ['web']],
    [['-D', 'rm', '--', 'we'], ['web']],
    [
      ['image', 'tree', ''],
      ['debian:12', 'quay.io/app:1'],
    ],
    [['image', 'tree', 'debian:12', ''], []],
    [[''], expect.arrayContaining(['run', 'volume', 'ps']) as never],
    [[], expect.arrayContaining(['run']) as never],
  ])('%j', async (words, lines) => {
    expect(await completed(...words)).toEqual(lines)
  })

  test('asks the engine of the line that is completed, and only when a name is wanted', async () => {
    expect((await podwright(['__complete', '--', '--root', '/elsewhere', 'rm', ''], engine)).choice).toEqual({ root: '/elsewhere' })
    expect((await podwright(['__complete', '--', 'run', '--ne'], engine)).choice).toBeUndefined()
  })

  test('an engine that fails makes no noise', async () => {
    const list = async (): Promise<never> => {
      throw new Error('broken')
    }
    expect(await podwright(['__complete', '--', 'rm', ''], { containers: { list } })).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  test('descriptions stand behind a tab, on one line', async () => {
    const list = async (): Promise<never> => [summary({ imageName: 'a\nb\u001b[31m' })] as never
    const { stdout } = await podwright(['__complete', '--', 'rm', ''], { containers: { list } })
    expect(stdout).toBe('web\trunning, a\\nb\\x1b[31m\n')
  })
})

describe('podwright completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s', async (shell) => {
    const { stdout, code } = await podwright(`completion ${shell}`)
    expect(code).toBe(0)
    expect(stdout).toContain('podwright __complete -- ')
    expect((await podwright(`completion --no-desc ${shell}`)).stdout).toContain('podwright __complete --no-desc -- ')
  })

  test('--file writes it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'podwright-completion-'))
    try {
      expect(await podwright(['completion', '-f', join(directory, '_podwright'), 'zsh'])).toMatchObject({ code: 0, stdout: '' })
      expect(readFileSync(join(directory, '_podwright'), 'utf8')).toMatch(/^#compdef podwright\n/)
      expect(await podwright(['completion', '-f', join(directory, 'no/file'), 'zsh'])).toMatchObject({ code: 125 })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('another shell is refused', async () => {
    const { code, stderr } = await podwright('completion powershell')
    expect(code).toBe(125)
    expect(stderr).toContain('there is no completion for "powershell": the shells are bash, zsh, fish')
  })
})
