import type { ImageLayer, Images, Registries, RemovedImage, SearchResult, StoredHistoryStep } from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { describe, expect, test } from 'vitest'
import { ago, image, noImage } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

const id = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`
const layer = (letter: string, sizeBytes: number): StoredHistoryStep['layer'] => ({ chainId: id(letter), diffId: id(letter), sizeBytes })

const steps: readonly StoredHistoryStep[] = [
  {
    id: id('d'),
    names: ['docker.io/library/app:1'],
    created: ago(120),
    createdBy: 'CMD ["sh"]',
    author: 'me',
    comment: 'why',
    layer: undefined,
  },
  {
    id: undefined,
    names: [],
    created: ago(3600 * 50),
    createdBy: '/bin/sh -c #(nop) ADD file:0123456789abcdef\nin / and much more of it',
    author: '',
    comment: '',
    layer: layer('f', 170_400_000),
  },
  { id: undefined, names: [], created: undefined, createdBy: '', author: '', comment: '', layer: layer('e', 0) },
]

describe('history', () => {
  const images = { history: async () => steps }

  test('as a table', async () => {
    expect((await podwright('history app', { images })).stdout).toMatchInlineSnapshot(`
      "IMAGE          CREATED         CREATED BY                                      SIZE    COMMENT
      dddddddddddd   2 minutes ago   CMD ["sh"]                                      0B      why
      <missing>      2 days ago      /bin/sh -c #(nop) ADD file:0123456789abcde...   170MB
      <missing>      N/A                                                             0B
      "
    `)
    expect((await podwright('history --no-trunc -H=false app', { images })).stdout).toMatchInlineSnapshot(`
      "IMAGE                                                                     CREATED                    CREATED BY                                                             SIZE        COMMENT
      sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd   2026-01-31T11:58:00.000Z   CMD ["sh"]                                                             0           why
      <missing>                                                                 2026-01-29T10:00:00.000Z   /bin/sh -c #(nop) ADD file:0123456789abcdef in / and much more of it   170400000
      <missing>                                                                 N/A                                                                                               0
      "
    `)
  })

  test('as ids, JSON and by a template', async () => {
    expect((await podwright('history -q app', { images })).stdout).toBe(`${'d'.repeat(12)}\n<missing>\n<missing>\n`)
    const records = JSON.parse((await podwright('history --format json app', { images })).stdout) as readonly object[]
    expect(records[0]).toEqual({
      id: 'd'.repeat(64),
      created: '2026-01-31T11:58:00.000Z',
      CreatedBy: 'CMD ["sh"]',
      size: 0,
      comment: 'why',
      author: 'me',
      tags: ['docker.io/library/app:1'],
    })
    expect((await podwright(['history', '--format', '{{.Size}} {{.CreatedBy}}', 'app'], { images })).stdout.split('\n')[0]).toBe(
      '0B CMD ["sh"]',
    )
  })

  test('of an image that is not here', async () => {
    const history = async (reference: string): Promise<never> => {
      throw noImage(reference)
    }
    expect(await podwright('history nope', { images: { history } })).toMatchObject({
      code: 125,
      stderr: 'Error: no image is named "nope"\n',
    })
  })
})

describe('image tree, exists', () => {
  const base = image({ id: id('a'), names: ['docker.io/library/base:1'], layers: [id('1')], sizeBytes: 100 })
  const app = image({ id: id('b'), names: [], layers: [id('1'), id('2')], sizeBytes: 150 })

  const layers: readonly ImageLayer[] = [
    { chainId: id('1'), diffId: id('1'), sizeBytes: 100, topOf: [base] },
    { chainId: id('2'), diffId: id('2'), sizeBytes: 50, topOf: [app] },
  ]
  const images = {
    inspect: async (reference: string) => ({ image: reference === 'base' ? base : app, config: {} as never }),
    layers: async () => layers,
    list: async () => [base, app],
    exists: async (reference: string) => reference === 'base',
  }

  test('tree', async () => {
    expect((await podwright('image tree app', { images })).stdout).toMatchInlineSnapshot(`
      "Image ID: bbbbbbbbbbbb
      Tags:     []
      Size:     150B
      Image Layers
      ├── ID: 111111111111 Size: 100B Top Layer of: [docker.io/library/base:1]
      └── ID: 222222222222 Size: 50B Top Layer of: [bbbbbbbbbbbb]
      "
    `)
    expect((await podwright('image tree --whatrequires base', { images })).stdout).toMatchInlineSnapshot(`
      "Image ID: aaaaaaaaaaaa
      Tags:     [docker.io/library/base:1]
      Size:     100B
      Images on top of it
      └── ID: bbbbbbbbbbbb Tags: [] 1 layer more
      "
    `)
  })

  test('exists', async () => {
    expect(await podwright('image exists base', { images })).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await podwright('image exists nope', { images })).toMatchObject({ code: 1, stdout: '', stderr: '' })
  })
})

describe('image prune, rmi --dry-run', () => {
  const removed: RemovedImage = { untagged: ['docker.io/library/debian:12'], deleted: [id('d')], freedBytes: 170_400_000 }

  function pruning(): { readonly calls: unknown[]; readonly images: Partial<Images> } {
    const calls: unknown[] = []
    const prune: Images['prune'] = async ({ signal: _signal, ...options } = {}) => {
      calls.push(options)
      return removed
    }
    return { calls, images: { prune } }
  }

  test.each([
    ['image prune -f', { dryRun: false }],
    ['image prune -af --filter label=a --filter label!=b=c', { all: true, dryRun: false, labels: ['a'], notLabels: ['b=c'] }],
    ['image prune -f --filter until=1h', { dryRun: false, until: ago(3600), labels: [], notLabels: [] }],
  ])('%s', async (line, options) => {
    const { calls, images } = pruning()
    const ran = await podwright(line, { images })
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toBe(`Untagged: docker.io/library/debian:12\nDeleted: ${'d'.repeat(64)}\nTotal reclaimed space: 170MB\n`)
    expect(calls).toEqual([options])
  })

  test('asks first, and takes anything but yes for a no', async () => {
    for (const [stdin, count] of [
      ['', 0],
      ['n\n', 0],
      ['yesterday\n', 0],
      ['y\n', 1],
      ['YES\n', 1],
    ] as const) {
      const { calls, images } = pruning()
      const { code, stderr } = await podwright('image prune', { images, stdin })
      expect({ code, stderr }).toEqual({ code: 0, stderr: 'This removes all images without a name and a container. Go on? [y/N] ' })
      expect(calls).toHaveLength(count)
    }
  })

  test('--dry-run says what would go, and does not ask', async () => {
    const { calls, images } = pruning()
    const { stdout } = await podwright('image prune --dry-run', { images })
    expect(stdout).toBe(`Would untag: docker.io/library/debian:12\nWould delete: ${'d'.repeat(64)}\nTotal reclaimable space: 170MB\n`)
    expect(calls).toEqual([{ dryRun: true }])
    const remove: Images['remove'] = async (_, options) => {
      expect(options?.dryRun).toBe(true)
      return removed
    }
    expect((await podwright('rmi --dry-run debian', { images: { remove } })).stdout).toBe(
      `Would untag: docker.io/library/debian:12\nWould delete: ${'d'.repeat(64)}\n`,
    )
  })

  test.each(['image prune -f --filter foo=1', 'image prune -f --filter until=never', 'image prune -f --filter until'])(
    '%s',
    async (line) => {
      const { calls, images } = pruning()
      expect(await podwright(line, { images })).toMatchObject({ code: 125 })
      expect(calls).toEqual([])
    },
  )
})

describe('image mount, unmount', () => {
  const mounted = { image: image(), path: '/var/lib/podwright/x' }
  const images: Partial<Images> = {
    mount: async (reference) => {
      if (reference === 'nope') throw noImage(reference)
      return mounted
    },
    mounts: async () => [mounted],
    inspect: async () => ({ image: image(), config: {} as never }),
    unmount: async (reference) => reference !== 'other',
    list: async () => [image()],
  }

  test.each([
    ['image mount debian nope', 125, '/var/lib/podwright/x\n'],
    ['image mount -a', 0, '/var/lib/podwright/x\n'],
    ['image mount', 0, 'docker.io/library/debian:12   /var/lib/podwright/x\n'],
    ['image unmount debian', 0, `${'d'.repeat(64)}\n`],
    ['image umount --all', 0, `${'d'.repeat(64)}\n`],
    ['image unmount other', 125, ''],
    ['image unmount', 125, ''],
    ['image mount -a debian', 125, ''],
  ])('%s', async (line, code, stdout) => {
    expect(await podwright(line, { images })).toMatchObject({ code, stdout })
  })

  test('as JSON', async () => {
    expect(JSON.parse((await podwright('image mount --format json', { images })).stdout)).toEqual([
      { id: 'd'.repeat(64), repositories: ['docker.io/library/debian:12'], mountpoint: '/var/lib/podwright/x' },
    ])
  })
})

describe('search', () => {
  const found: readonly SearchResult[] = [
    {
      registry: 'docker.io',
      name: 'docker.io/library/debian',
      description: 'Debian is\na  distribution',
      stars: 5000,
      official: true,
      automated: false,
    },
    { registry: 'docker.io', name: 'docker.io/me/debian', description: 'x'.repeat(60), stars: 3, official: false, automated: true },
  ]
  const registries: Partial<Registries> = {
    search: async () => found,
    tags: async function* tags(repository) {
      if (repository === 'nope') throw new EngineError('ERR_IMAGE_NOT_FOUND', 'it is not there')
      yield* ['1', '2', 'latest']
    },
  }

  test('as a table, JSON and by a template', async () => {
    expect((await podwright('search debian', { registries })).stdout).toMatchInlineSnapshot(`
      "NAME                       DESCRIPTION                                    STARS   OFFICIAL
      docker.io/library/debian   Debian is a distribution                       5000    [OK]
      docker.io/me/debian        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...   3
      "
    `)
    expect((await podwright('search --no-trunc --filter stars=10 debian', { registries })).stdout).toContain('Debian is a distribution')
    expect(JSON.parse((await podwright('search --format json debian', { registries })).stdout)[0]).toMatchObject({
      Name: 'docker.io/library/debian',
      Stars: 5000,
    })
    expect((await podwright(['search', '--format', '{{.Name}}', 'debian'], { registries })).stdout).toBe(
      'docker.io/library/debian\ndocker.io/me/debian\n',
    )
  })

  test.each([
    ['--filter is-official', 'docker.io/library/debian'],
    ['--filter is-official=false', 'docker.io/me/debian'],
    ['--filter is-automated=true', 'docker.io/me/debian'],
    ['--filter stars=4', 'docker.io/library/debian'],
  ])('%s', async (flags, name) => {
    const typed = flags.endsWith('is-official') ? `${flags}=` : flags
    const { stdout } = await podwright(['search', ...typed.split(' '), '--format', '{{.Name}}', 'debian'], { registries })
    expect(stdout).toBe(`${name}\n`)
  })

  test('--list-tags', async () => {
    expect((await podwright('search --list-tags example.org/app', { registries })).stdout).toBe(
      'NAME              TAG\nexample.org/app   1\nexample.org/app   2\nexample.org/app   latest\n',
    )
    expect((await podwright('search --list-tags --limit 1 --format json app', { registries })).stdout).toContain('"Tags": [')
    expect(await podwright('search --list-tags nope', { registries })).toMatchObject({ code: 125, stderr: 'Error: it is not there\n' })
  })

  test.each(['search --limit 0 x', 'search --limit 101 x', 'search --filter stars=many x', 'search --filter foo=1 x', 'search'])(
    '%s',
    async (line) => {
      expect(await podwright(line, { registries })).toMatchObject({ code: 125, stdout: '' })
    },
  )
})

describe('where images are', () => {
  const distant = {
    reference: 'docker://example.org/app:1',
    repository: 'example.org/app',
    top: { mediaType: 'application/vnd.oci.image.index.v1+json', digest: id('e'), size: 2 },
    topBytes: Buffer.from('{"raw":true}'),
    manifest: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: id('c'), size: 2 },
    manifestBytes: Buffer.from('{}'),
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: id('f'), size: 5 }],
    config: {
      os: 'linux',
      architecture: 'amd64',
      created: '2026-01-01T00:00:00Z',
      rootfs: { type: 'layers', diff_ids: [] },
      config: { Env: ['A=b'] },
    },
    configBytes: Buffer.from('{"config":true}'),
    tags: ['1', '2'],
  } as const
  const asked: unknown[] = []
  const images: Partial<Images> = {
    inspectAt: async (name, { signal: _signal, ...options } = {}) => {
      if (name.includes('nope')) throw noImage(name)
      asked.push([name, options])
      return distant
    },
    inspect: async () => ({
      image: image(),
      config: { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } },
    }),
    listAt: async function* listAt() {
      yield* ['1', '2']
    },
  }

  test('image inspect of a place', async () => {
    expect(JSON.parse((await podwright('image inspect docker://example.org/app:1', { images })).stdout)).toMatchObject({
      Name: 'example.org/app',
      Digest: id('e'),
      RepoTags: ['1', '2'],
      Layers: [id('f')],
      Env: ['A=b'],
    })
    expect((await podwright('image inspect --raw docker://example.org/app:1', { images })).stdout).toBe('{"raw":true}')
    expect((await podwright('image inspect --raw --config oci:x', { images })).stdout).toBe('{"config":true}')
    expect(JSON.parse((await podwright('image inspect --config oci:x', { images })).stdout)).toMatchObject({ os: 'linux' })
    expect((await podwright(['image', 'inspect', '-f', '{{.Digest}}', 'oci:x'], { images })).stdout).toBe(`${id('e')}\n`)
    expect(await podwright('image inspect docker://nope', { images })).toMatchObject({ code: 125, stdout: '' })
    expect(await podwright('image inspect --raw debian', { images })).toMatchObject({ code: 125 })
    expect((await podwright('image inspect debian', { images })).stdout).toContain('"RepoTags": [')
    expect(asked[1]).toEqual(['docker://example.org/app:1', { tags: false }])
  })

  test('image list-tags', async () => {
    expect(JSON.parse((await podwright('image list-tags docker://debian', { images })).stdout)).toEqual({
      Repository: 'docker.io/library/debian',
      Tags: ['1', '2'],
    })
    expect(JSON.parse((await podwright('image list-tags docker-archive:x.tar', { images })).stdout)).toEqual({ Tags: ['1', '2'] })
  })
})
