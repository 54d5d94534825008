import type { Artifacts, Manifests, StoredArtifact, StoredList } from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ago } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

const digest = `sha256:${'a'.repeat(64)}` as const

const list: StoredList = {
  descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 10 },
  names: ['localhost/app:1'],
  index: { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] },
  changed: ago(60),
}

/** A set of methods that keep what they were called with, each answering with the same. */
function keeping<Methods>(answers: Readonly<Record<string, unknown>>): { readonly calls: unknown[]; readonly methods: Partial<Methods> } {
  const calls: unknown[] = []
  const methods = Object.entries(answers).map(([name, answer]) => [
    name,
    async (...args: unknown[]) => {
      calls.push([name, ...args.map(withoutPlumbing)])
      if (answer instanceof Error) throw answer
      return answer
    },
  ])
  return { calls, methods: Object.fromEntries(methods) as Partial<Methods> }
}

function withoutPlumbing(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key, one]) => !['signal', 'onProgress'].includes(key) && one !== undefined))
}

describe('manifest', () => {
  const answers = {
    create: list,
    add: list,
    annotate: list,
    removeMember: list,
    push: digest,
    remove: digest,
    exists: true,
    inspect: Buffer.from('{"schemaVersion":2}'),
  }

  test.each([
    ['manifest create app:1', [['create', 'app:1', { members: [], format: 'oci', annotations: {} }]]],
    [
      'manifest create --format docker --all --tls-verify=false app:1 a b',
      [['create', 'app:1', { members: ['a', 'b'], format: 'docker', annotations: {}, all: true, tlsVerify: false }]],
    ],
    [
      'manifest create --amend app:1 a',
      [
        ['exists', 'app:1'],
        ['add', 'app:1', 'a', {}],
      ],
    ],
    [
      'manifest add --arch arm64 --variant v8 --annotation a=b=c app:1 docker://x',
      [['add', 'app:1', 'docker://x', { platform: { architecture: 'arm64', variant: 'v8' }, annotations: { a: 'b=c' } }]],
    ],
    ['manifest annotate --os-version 10 app:1 x', [['annotate', 'app:1', 'x', { platform: { 'os.version': '10' } }, {}]]],
    ['manifest annotate --index --annotation a=b app:1', [['annotate', 'app:1', undefined, { annotations: { a: 'b' } }, {}]]],
    ['manifest remove app:1 x', [['removeMember', 'app:1', 'x', {}]]],
    ['manifest push -q app:1', [['push', 'app:1', 'app:1', {}]]],
    ['manifest push -q --rm --all=false app:1 docker://x/y:1', [['push', 'app:1', 'docker://x/y:1', { all: false, remove: true }]]],
    ['manifest push -q --purge app:1', [['push', 'app:1', 'app:1', { remove: true }]]],
    ['manifest push -q -p --insecure app:1', [['push', 'app:1', 'app:1', { remove: true, tlsVerify: false }]]],
    [
      'manifest push -q --compression-format zstd --compression-level 20 app:1',
      [['push', 'app:1', 'app:1', { compression: 'zstd', compressionLevel: 20 }]],
    ],
    ['manifest create --insecure app:1 a', [['create', 'app:1', { members: ['a'], format: 'oci', annotations: {}, tlsVerify: false }]]],
    ['manifest rm app:1', [['remove', 'app:1', {}]]],
  ])('%s', async (line, expected) => {
    const { calls, methods } = keeping<Manifests>(answers)
    expect(await podwright(line, { manifests: methods })).toMatchObject({ code: 0, stdout: `${digest}\n`, stderr: '' })
    expect(calls).toEqual(expected)
  })

  test('inspect, exists, rm --dry-run, remove --dry-run', async () => {
    const { calls, methods } = keeping<Manifests>(answers)
    expect((await podwright('manifest inspect app:1', { manifests: methods })).stdout).toBe('{\n    "schemaVersion": 2\n}\n')
    expect(await podwright('manifest exists app:1', { manifests: methods })).toMatchObject({ code: 0, stdout: '' })
    expect(await podwright('manifest exists app:1', { manifests: { exists: async () => false } })).toMatchObject({ code: 1, stdout: '' })
    expect(await podwright('manifest rm --dry-run app:1', { manifests: methods })).toMatchObject({ stdout: `Would delete: ${digest}\n` })
    expect(await podwright('manifest remove --dry-run app:1 x', { manifests: methods })).toMatchObject({
      stdout: `Would remove x from ${list.names.join(', ')}\n`,
    })
    expect(calls.at(-1)).toEqual(['removeMember', 'app:1', 'x', { dryRun: true }])
  })

  test('a list that can not be made with all its members', async () => {
    const { calls, methods } = keeping<Manifests>({ ...answers, create: new EngineError('ERR_IMAGE_NOT_FOUND', 'no such image') })
    expect(await podwright('manifest create app:1 nope', { manifests: methods })).toMatchObject({
      code: 125,
      stderr: 'Error: no such image\n',
    })
    expect(calls).toHaveLength(1)
  })

  test.each([
    'manifest annotate app:1',
    'manifest annotate --index app:1 x',
    'manifest add --annotation x app:1 y',
    'manifest add --features x app:1 y',
    'manifest create --insecure --tls-verify app:1 y',
    'manifest inspect --insecure=false --tls-verify=false app:1',
  ])('%s: refused', async (line) => {
    const { calls, methods } = keeping<Manifests>(answers)
    expect(await podwright(line, { manifests: methods })).toMatchObject({ code: 125, stdout: '' })
    expect(calls).toEqual([])
  })
})

describe('artifact', () => {
  const artifact: StoredArtifact = {
    descriptor: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 10 },
    names: ['example.org/model:1', 'example.org/model:latest'],
    digests: [],
    manifest: {
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest, size: 2 },
      layers: [],
    },
    sizeBytes: 1500,
    changed: ago(120),
  }
  const answers = {
    add: artifact,
    list: [artifact],
    inspect: artifact,
    pull: artifact,
    push: { digest, destination: 'x/y:1' },
    remove: digest,
    extract: [],
  }

  test.each([
    ['artifact add x/y:1 f', [['add', 'x/y:1', [{ content: resolve('f'), mediaType: undefined }], { existing: 'refuse' }]], `${digest}\n`],
    [
      'artifact add --append --type t --file-type m --annotation a=b x f',
      [['add', 'x', [{ content: resolve('f'), mediaType: 'm', annotations: { a: 'b' } }], { artifactType: 't', existing: 'append' }]],
      `${digest}\n`,
    ],
    ['artifact pull -q x/y:1', [['pull', 'x/y:1', {}]], `${digest}\n`],
    ['artifact push -q x/y:1 z', [['push', 'x/y:1', 'z', {}]], ''],
    ['artifact rm x/y:1', [['remove', 'x/y:1', { dryRun: false }]], `${digest}\n`],
    [
      'artifact rm --all --dry-run',
      [
        ['list', {}],
        ['remove', digest, { dryRun: true }],
      ],
      `Would delete: ${digest}\n`,
    ],
    ['artifact extract --title t x/y:1 d', [['extract', 'x/y:1', resolve('d'), { title: 't' }]], ''],
    ['artifact ls -q', [['list', {}]], `${digest}\n`],
  ])('%s', async (line, expected, stdout) => {
    const { calls, methods } = keeping<Artifacts>(answers)
    expect(await podwright(line, { artifacts: methods })).toMatchObject({ code: 0, stdout, stderr: '' })
    expect(calls).toEqual(expected)
  })

  test('ls and inspect', async () => {
    const { methods } = keeping<Artifacts>(answers)
    expect((await podwright('artifact ls', { artifacts: methods })).stdout).toBe(
      [
        'REPOSITORY          TAG      DIGEST         CREATED         SIZE',
        `example.org/model   1        ${'a'.repeat(12)}   2 minutes ago   1.5kB`,
        `example.org/model   latest   ${'a'.repeat(12)}   2 minutes ago   1.5kB`,
        '',
      ].join('\n'),
    )
    expect(JSON.parse((await podwright('artifact inspect x', { artifacts: methods })).stdout)).toMatchObject({
      Digest: digest,
      TotalSizeBytes: 1500,
    })
    expect((await podwright(['artifact', 'inspect', '-f', '{{.Digest}}', 'x'], { artifacts: methods })).stdout).toBe(`${digest}\n`)
  })

  test('extract to stdout', async () => {
    async function* read(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('content')
    }
    expect(await podwright('artifact extract x -', { artifacts: { read } })).toMatchObject({ code: 0, stdout: 'content' })
  })

  test.each(['artifact rm', 'artifact rm -a x', 'artifact add --append --replace x f', 'artifact add x'])('%s: refused', async (line) => {
    expect(await podwright(line, { artifacts: {} })).toMatchObject({ code: 125, stdout: '' })
  })
})
