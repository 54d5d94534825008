import type { ContainerDetails, Images, StoredImage } from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import { image, noContainer, noImage } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

const digest = `sha256:${'e'.repeat(64)}` as const
const scratch = mkdtempSync(join(tmpdir(), 'cli-moving-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** A method that keeps what it was called with, less what no test compares. */
function recorded<Result>(result: Result): { readonly calls: unknown[][]; readonly method: (...args: unknown[]) => Promise<Result> } {
  const calls: unknown[][] = []
  return {
    calls,
    method: async (...args) => {
      calls.push(args.map(withoutPlumbing))
      return result
    },
  }
}

function withoutPlumbing(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'pipe' in value) return value
  return Object.fromEntries(Object.entries(value).filter(([key, one]) => !['signal', 'onProgress'].includes(key) && one !== undefined))
}

describe('push', () => {
  const pushed = { image: image(), destination: 'example.org/app:1', digest }

  test.each([
    ['push debian', ['debian', undefined, {}]],
    ['push debian example.org/app:1', ['debian', 'example.org/app:1', {}]],
    [
      'push --tls-verify=false --creds a:b:c debian',
      ['debian', undefined, { tlsVerify: false, credentials: { username: 'a', password: 'b:c' } }],
    ],
    ['push --format v2s2 --compression-format zstd debian', ['debian', undefined, { format: 'docker', compression: 'zstd' }]],
    ['push --platform linux/arm64/v8 debian', ['debian', undefined, { platform: { os: 'linux', architecture: 'arm64' } }]],
    ['push --compress debian dir:x', ['debian', 'dir:x', { compression: 'gzip' }]],
    ['push --compression-level 9 --remove-signatures debian', ['debian', undefined, { compressionLevel: 9 }]],
    ['push --compression-format zstd --compression-level 22 debian', ['debian', undefined, { compression: 'zstd', compressionLevel: 22 }]],
    ['push --force-compression debian', ['debian', undefined, { compression: 'gzip' }]],
    ['push --force-compression=false debian', ['debian', undefined, {}]],
    ['image push -q --authfile x debian', ['debian', undefined, { authFile: resolve('x') }]],
  ])('%s', async (line, call) => {
    const push = recorded(pushed)
    const ran = await podwright(line, { images: { push: push.method } })
    expect(ran).toMatchObject({ code: 0, stdout: '', stderr: line.includes(' -q ') ? '' : `Pushed example.org/app:1, ${digest}\n` })
    expect(push.calls).toEqual([call])
  })

  test('--digestfile', async () => {
    const file = join(scratch, 'digest')
    const push = recorded(pushed)
    await podwright(['push', '--digestfile', file, 'debian'], { images: { push: push.method } })
    expect(readFileSync(file, 'utf8')).toBe(digest)
    const gone = await podwright(['push', '--digestfile', join(scratch, 'no', 'digest'), 'debian'], {
      images: { push: push.method },
    })
    expect(gone).toMatchObject({ code: 125 })
    expect(gone.stderr).toContain('cannot write the digest to')
  })

  test('--all-tags takes the tags that the repository has here', async () => {
    const names = ['example.org/app:1', 'example.org/app:2', 'example.org/apples:1', 'docker.io/library/app:1']
    const push = recorded(pushed)
    const images = { push: push.method as Images['push'], list: async () => [image({ names })] }
    expect(await podwright('push -q --all-tags example.org/app', { images })).toMatchObject({ code: 0 })
    expect(push.calls.map(([name]) => name)).toEqual(['example.org/app:1', 'example.org/app:2'])
    for (const line of ['push -a example.org/app:1', 'push -a example.org/app x', 'push -a nope']) {
      expect(await podwright(line, { images })).toMatchObject({ code: 125 })
    }
    expect(push.calls).toHaveLength(2)
  })

  test.each(['--compression-level 0', '--compression-level 10', '--compression-format zstd --compression-level 23'])(
    '%s is no level',
    async (flags) => {
      const { code, stderr } = await podwright(`push ${flags} debian`)
      expect(code).toBe(125)
      expect(stderr).toContain('for --compression-level: of')
    },
  )

  test.each(['--sign-by x', '--encrypt-layer 0', '--encryption-key x'])('%s is refused by name', async (flag) => {
    const { code, stderr } = await podwright(`push ${flag} debian`)
    expect(code).toBe(125)
    expect(stderr).toContain(`cannot honour ${flag.split(' ')[0]}`)
  })
})

test('pull --all-tags', async () => {
  async function* pullAll(repository: string): ReturnType<Images['pullAll']> {
    expect(repository).toBe('example.org/app')
    for (const letter of ['a', 'b']) {
      yield { image: image({ id: `sha256:${letter.repeat(64)}` }), name: `example.org/app:${letter}`, digest, updated: true }
    }
  }
  const ran = await podwright('pull -q -a example.org/app', { images: { pullAll } })
  expect(ran).toMatchObject({ code: 0, stdout: `${'a'.repeat(64)}\n${'b'.repeat(64)}\n`, stderr: '' })
})

describe('tag, untag', () => {
  test.each([
    ['tag debian a b:2', ['debian', ['a', 'b:2'], {}]],
    ['untag debian', ['debian', [], {}]],
    ['image untag debian a', ['debian', ['a'], {}]],
  ])('%s', async (line, call) => {
    const method = recorded<readonly string[]>([])
    const images = { tag: method.method as Images['tag'], untag: method.method as Images['untag'] }
    expect(await podwright(line, { images })).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(method.calls).toEqual([call])
  })

  test('untag --dry-run', async () => {
    const { method, calls } = recorded<readonly string[]>(['docker.io/library/debian:12', 'localhost/a:1'])
    const images = { untag: method as Images['untag'] }
    const stdout = 'Would untag: docker.io/library/debian:12\nWould untag: localhost/a:1\n'
    expect(await podwright('untag --dry-run debian', { images })).toMatchObject({ code: 0, stdout, stderr: '' })
    expect(calls).toEqual([['debian', [], { dryRun: true }]])
  })
})

describe('save, load, import', () => {
  test.each([
    ['save -o x.tar a b:2', [[{ reference: 'a' }, { reference: 'b:2' }], resolve('x.tar'), {}]],
    ['save -m -q --format oci-archive --output x a', [[{ reference: 'a' }], resolve('x'), { format: 'oci-archive' }]],
    ['save --format docker-dir --compress -o d a', [[{ reference: 'a' }], resolve('d'), { format: 'docker-dir', compress: true }]],
  ])('%s', async (line, call) => {
    const save = recorded(undefined)
    expect(await podwright(line, { images: { save: save.method } })).toMatchObject({ code: 0, stdout: '' })
    expect(save.calls).toEqual([call])
  })

  test('save writes to stdout, but not to a terminal', async () => {
    const save = async (_: unknown, target: string | Writable): Promise<void> => void (target as Writable).write('bytes')
    expect(await podwright('save debian', { images: { save } })).toMatchObject({ code: 0, stdout: 'bytes' })
    const { code, stderr } = await podwright('save debian', { terminal: true })
    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: 'Error: an archive is not for a terminal\nName a file with -o, or redirect stdout.\n',
    })
  })

  test('load tells the names', async () => {
    const loaded = [
      { image: image(), names: ['docker.io/library/debian:12', 'localhost/base:1'] },
      { image: image({ names: [] }), names: [] },
    ]
    const load = recorded(loaded)
    const ran = await podwright('load -i x.tar', { images: { load: load.method } })
    expect(ran.stdout).toBe(
      `Loaded image: docker.io/library/debian:12\nLoaded image: localhost/base:1\nLoaded image: sha256:${'d'.repeat(64)}\n`,
    )
    expect(load.calls).toEqual([[resolve('x.tar'), {}]])
  })

  test('load reads stdin, but not a terminal', async () => {
    let read = ''
    const load = async (origin: string | Readable): Promise<[]> => {
      for await (const chunk of origin as Readable) read += String(chunk)
      return []
    }
    expect(await podwright('load', { images: { load }, stdin: 'bytes' })).toMatchObject({ code: 0, stdout: '' })
    expect(read).toBe('bytes')
    expect(await podwright('load', { terminal: true })).toMatchObject({ code: 125 })
  })

  test.each([
    [
      ['import', 'x.tar'],
      [resolve('x.tar'), { changes: [] }],
    ],
    [
      ['import', 'https://example.org/x.tar', 'a:1'],
      ['https://example.org/x.tar', { name: 'a:1', changes: [] }],
    ],
    [
      ['import', '-c', 'CMD ["sh"]', '--change', 'ENV A=b', '-m', 'why', '--arch', 'arm64', 'x.tar'],
      [
        resolve('x.tar'),
        { changes: ['CMD ["sh"]', 'ENV A=b'], message: 'why', platform: expect.objectContaining({ architecture: 'arm64' }) },
      ],
    ],
  ])('%j', async (words, call) => {
    const made = recorded<StoredImage>(image())
    expect(await podwright(words, { images: { import: made.method } })).toMatchObject({
      code: 0,
      stdout: `sha256:${'d'.repeat(64)}\n`,
    })
    expect(made.calls).toEqual([call])
  })
})

describe('export, commit, diff', () => {
  async function* bytes(reference: string): AsyncGenerator<Uint8Array> {
    if (reference === 'nope') throw noContainer(reference)
    yield Buffer.from('tar ')
    if (reference === 'broken') throw new EngineError('ERR_IMAGE_ARCHIVE', 'it broke')
    yield Buffer.from('bytes')
  }

  test('export to stdout and into a file, of which nothing is left when it breaks', async () => {
    const containers = { export: bytes }
    expect(await podwright('export web', { containers })).toMatchObject({ code: 0, stdout: 'tar bytes' })
    expect(await podwright(['export', '-o', join(scratch, 'x.tar'), 'web'], { containers })).toMatchObject({ code: 0, stdout: '' })
    expect(readFileSync(join(scratch, 'x.tar'), 'utf8')).toBe('tar bytes')
    const before = readdirSync(scratch)
    expect(await podwright(['export', '-o', join(scratch, 'y.tar'), 'broken'], { containers })).toMatchObject({
      code: 125,
      stderr: 'Error: it broke\n',
    })
    expect(readdirSync(scratch)).toEqual(before)
    const nowhere = await podwright(['export', '-o', join(scratch, 'no', 'y.tar'), 'web'], { containers })
    expect(nowhere).toMatchObject({ code: 125 })
    expect(nowhere.stderr).toContain('ENOENT')
    expect(await podwright('export nope', { containers })).toMatchObject({ code: 125 })
  })

  test.each([
    [
      ['commit', 'web'],
      ['web', { changes: [], format: 'oci' }],
    ],
    [
      ['commit', '-a', 'me', '-m', 'why', '-c', 'USER 1', '-p', '-s', '-f', 'docker', 'web', 'app:2'],
      ['web', { name: 'app:2', author: 'me', message: 'why', changes: ['USER 1'], pause: true, squash: true, format: 'docker' }],
    ],
  ])('%j', async (words, call) => {
    const commit = recorded<StoredImage>(image())
    expect(await podwright(words, { containers: { commit: commit.method } })).toMatchObject({
      code: 0,
      stdout: `${'d'.repeat(64)}\n`,
    })
    expect(commit.calls).toEqual([call])
  })

  const changes = [
    { kind: 'added', path: '/new' },
    { kind: 'changed', path: '/etc' },
    { kind: 'deleted', path: '/a\u001b[31m' },
  ] as const

  test('diff of a container, else of an image', async () => {
    const parts = {
      containers: {
        changes: async (reference: string, { against }: { readonly against?: string | undefined } = {}) => {
          if (reference !== 'web') throw noContainer(reference)
          if (against === 'gone:1') throw noImage(against)
          return changes
        },
        list: async (): Promise<ContainerDetails[]> => [],
      },
      images: {
        changes: async (reference: string, { against }: { readonly against?: string | undefined } = {}) => {
          if (reference === 'nope') throw noImage(reference)
          return [{ kind: 'added', path: `/against ${against}` }] as const
        },
      },
    }
    const { stdout } = await podwright('diff web', parts)
    expect(stdout).toMatch(/^A \/new\nC \/etc\nD \/a.*\n$/)
    expect(stdout).not.toContain('\u001b')
    expect(JSON.parse((await podwright('diff --format json web', parts)).stdout)).toMatchObject({ added: ['/new'], changed: ['/etc'] })
    expect(await podwright('diff app:2 app:1', parts)).toMatchObject({ code: 0, stdout: 'A /against app:1\n' })
    expect(await podwright('image diff app:2', parts)).toMatchObject({ code: 0, stdout: 'A /against undefined\n' })
    const nope = await podwright('diff nope', parts)
    expect(nope).toMatchObject({ code: 125, stderr: expect.stringContaining('no container or image is named "nope"') })
    // What is not there is the other one.
    const against = await podwright('diff web gone:1', parts)
    expect(against).toMatchObject({ code: 125, stderr: expect.stringContaining('gone:1') })
    expect(await podwright('container diff nope', parts)).toMatchObject({ code: 125 })
    expect(await podwright('diff', parts)).toMatchObject({ code: 125 })
  })
})

describe('image copy, delete, sync', () => {
  test('copy', async () => {
    const copy = recorded({ source: 'a', destination: 'b', sourceDigest: digest, digest })
    const line = 'image copy -a --src-creds u:p --dest-tls-verify=false --preserve-digests docker://a oci:b'
    expect(await podwright(line, { images: { copy: copy.method } })).toMatchObject({ code: 0, stdout: `${digest}\n` })
    expect(copy.calls).toEqual([
      [
        'docker://a',
        'oci:b',
        { all: true, preserveDigests: true, from: { credentials: { username: 'u', password: 'p' } }, to: { tlsVerify: false } },
      ],
    ])
  })

  test.each([
    ['--dest-compress-format zstd --dest-compress-level 20', { compression: 'zstd', compressionLevel: 20 }],
    ['--dest-compress --dest-compress-format zstd', { compression: 'zstd' }],
    ['--dest-decompress --dest-oci-accept-uncompressed-layers --dest-precompute-digests', { compression: 'none' }],
    ['--multi-arch all', { all: true }],
    ['--multi-arch system', {}],
    ['--multi-arch index-only', { indexOnly: true }],
    ['--additional-tag a:1,b:2 --additional-tag c:3', { additionalNames: ['a:1', 'b:2', 'c:3'] }],
    [
      '--src-no-creds --dest-username u --dest-password p',
      { from: { credentials: 'none' }, to: { credentials: { username: 'u', password: 'p' } } },
    ],
    ['--src-registry-token t --src-cert-dir x', { from: { credentials: { registryToken: 't' }, certificateDirectory: resolve('x') } }],
    ['--retry-times 2', { from: { retries: 2 }, to: { retries: 2 } }],
  ])('copy %s', async (flags, expected) => {
    const copy = recorded({ source: 'a', destination: 'b', sourceDigest: digest, digest })
    expect(await podwright(`image copy ${flags} docker://a oci:b`, { images: { copy: copy.method } })).toMatchObject({
      code: 0,
      stderr: expect.any(String),
    })
    expect(copy.calls).toEqual([['docker://a', 'oci:b', { from: {}, to: {}, ...expected }]])
  })

  test.each([
    ['--dest-decompress --dest-compress', '--dest-compress and --dest-decompress contradict each other'],
    ['--compression-format gzip --dest-compress-format zstd', '--compression-format and --dest-compress-format contradict'],
    ['--dest-decompress --dest-compress-level 3', '--dest-compress-level is for layers that are compressed'],
    ['--all --multi-arch index-only', '--all and --multi-arch'],
    ['--multi-arch some', '--multi-arch'],
    ['--src-username u', '--src-username and --src-password are given together'],
    ['--dest-creds u:p --dest-no-creds', '--dest-creds and --dest-no-creds each say who to be'],
    ['--src-registry-token t --src-authfile x', '--src-registry-token and --src-authfile both say who to be'],
    ['--dest-registry-token=', 'for --dest-registry-token: it is empty'],
    ['--retry-times=-1', 'for --retry-times'],
    ['--src-daemon-host x', 'cannot honour --src-daemon-host'],
  ])('copy %s is refused', async (flags, message) => {
    const { code, stderr } = await podwright(`image copy ${flags} docker://a oci:b`)
    expect(code).toBe(125)
    expect(stderr).toContain(message)
  })

  test.each([
    ['--no-creds', { credentials: 'none' }],
    ['--username u --password p:q --retry-times 0', { credentials: { username: 'u', password: 'p:q' }, retries: 0 }],
    ['--registry-token t', { credentials: { registryToken: 't' } }],
    ['--creds u:p', { credentials: { username: 'u', password: 'p' } }],
  ])('delete and list-tags %s', async (flags, access) => {
    const gone = recorded(undefined)
    const listed: unknown[] = []
    async function* listAt(...args: unknown[]): AsyncGenerator<string> {
      listed.push(args.map(withoutPlumbing))
      yield '1'
    }
    const images = { deleteAt: gone.method as Images['deleteAt'], listAt: listAt as Images['listAt'] }
    expect(await podwright(`image delete ${flags} docker://a/b:1`, { images })).toMatchObject({ code: 0 })
    expect(await podwright(`image list-tags ${flags} docker://a/b`, { images })).toMatchObject({ code: 0 })
    expect(gone.calls).toEqual([['docker://a/b:1', access]])
    expect(listed).toEqual([['docker://a/b', access]])
  })

  test('delete wants a transport, and can say what it would do', async () => {
    const gone = recorded(undefined)
    const images = {
      deleteAt: gone.method as Images['deleteAt'],
      inspectAt: async (name: string) => ({ reference: name, top: { digest } }) as never,
    }
    expect(await podwright('image delete --dry-run docker://a/b:1', { images })).toMatchObject({
      code: 0,
      stdout: `Would delete: docker://a/b:1 (${digest})\n`,
    })
    expect(await podwright('image delete a/b:1', { images })).toMatchObject({ code: 125 })
    expect(gone.calls).toEqual([])
    expect(await podwright('image delete docker://a/b:1 oci:x:y', { images })).toMatchObject({
      code: 0,
      stdout: 'Deleted: docker://a/b:1\nDeleted: oci:x:y\n',
    })
    expect(gone.calls.map(([name]) => name)).toEqual(['docker://a/b:1', 'oci:x:y'])
  })

  test('sync', async () => {
    const calls: unknown[] = []
    async function* sync(...args: unknown[]): ReturnType<Images['sync']> {
      calls.push(args.map(withoutPlumbing))
      yield { source: 'docker://a/b:1', destination: 'dir:d/b:1', digest }
      yield { source: 'docker://a/b:2', destination: 'dir:d/b:2', digest: undefined, error: noImage('b:2') }
      yield { source: 'docker://a/b:3', destination: 'dir:d/b:3', digest: undefined }
    }
    const ran = await podwright('image sync -q --remove-signatures --scoped --keep-going --src docker --dest dir a/b d', {
      images: { sync },
    })
    expect(ran).toMatchObject({
      code: 125,
      stdout: 'dir:d/b:1\nWould copy: docker://a/b:3 to dir:d/b:3\n',
      stderr: 'Error: no image is named "b:2"\n',
    })
    expect(calls).toEqual([['docker://a/b', 'dir:d', { from: {}, to: {}, scoped: true, keepGoing: true, withoutSignatures: true }]])
    for (const line of [
      'image sync --dest dir a b',
      'image sync --src docker a b',
      'image sync --src yaml --dest dir a b',
      'image sync --src x --dest dir a b',
    ]) {
      expect(await podwright(line, { images: { sync } })).toMatchObject({ code: 125 })
    }
  })
})
