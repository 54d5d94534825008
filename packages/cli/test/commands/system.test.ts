import type {
  EngineCheck,
  EngineFinding,
  EngineUsage,
  MountedTree,
  PrunedEngine,
  PruneEngineOptions,
  ResetReport,
} from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { describe, expect, test } from 'vitest'
import { ago, image, now, summary } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

const web = summary({ id: 'a'.repeat(64), name: 'web' })
const debian = image({ id: `sha256:${'b'.repeat(64)}`, names: ['docker.io/library/debian:12', 'localhost/mine:1'] })
const volume = {
  name: 'data',
  driver: 'local',
  scope: 'local',
  path: '/volumes/data/_data',
  options: {},
  labels: {},
  createdAt: ago(60),
  anonymous: false,
  needsCopyUp: false,
  holders: [web.id],
} as const

const usage: EngineUsage = {
  images: {
    items: [
      {
        id: debian.id,
        image: debian,
        sizeBytes: 3_000_000,
        sharedBytes: 1_000_000,
        uniqueBytes: 2_000_000,
        blobBytes: 500_000,
        snapshots: [web.id],
        containers: [web.id],
      },
    ],
    active: 1,
    sizeBytes: 4_000_000,
    layerBytes: 3_000_000,
    blobBytes: 1_000_000,
    reclaimableBytes: 1_000_000,
  },
  containers: { items: [{ container: web, sizeBytes: 12_345 }], active: 1, sizeBytes: 12_345, reclaimableBytes: 0 },
  volumes: {
    items: [
      { volume, sizeBytes: 2000 },
      { volume: { ...volume, name: 'far', holders: [] }, sizeBytes: undefined },
    ],
    active: 1,
    sizeBytes: 2000,
    reclaimableBytes: 0,
  },
}

describe('system df', () => {
  const system = { usage: async () => usage }

  test('is a table of kinds', async () => {
    const { code, stdout } = await podwright('system df', { system })
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        'TYPE            TOTAL   ACTIVE   SIZE     RECLAIMABLE',
        'Images          1       1        4MB      1MB (25%)',
        'Containers      1       1        12.3kB   0B (0%)',
        'Local Volumes   2       1        2kB      0B (0%)',
        '',
      ].join('\n'),
    )
  })

  test('has docker’s and podman’s formats', async () => {
    const template = await podwright(['system', 'df', '--format', '{{.Type}} {{.Total}} {{.RawSize}} {{.Reclaimable}}'], { system })
    expect(template.stdout.split('\n')[0]).toBe('Images 1 4000000 1MB (25%)')
    expect(JSON.parse((await podwright('system df --format json', { system })).stdout)[1]).toEqual({
      Type: 'Containers',
      Total: 1,
      Active: 1,
      RawSize: 12_345,
      RawReclaimable: 0,
      TotalCount: 1,
      Size: '12.3kB',
      Reclaimable: '0B (0%)',
    })
    const lines = (await podwright(['system', 'df', '--format', '{{json .}}'], { system })).stdout.trim().split('\n')
    expect(JSON.parse(lines[2] ?? '')).toEqual({ Active: '1', Reclaimable: '0B (0%)', Size: '2kB', TotalCount: '2', Type: 'Local Volumes' })
  })

  test('-v names everything', async () => {
    const { stdout } = await podwright('system df -v', { system, columns: 200 })
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/))
    expect(rows[2]).toEqual(['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE', 'SHARED SIZE', 'UNIQUE SIZE', 'CONTAINERS'])
    expect(rows[3]?.slice(0, 3)).toEqual(['docker.io/library/debian', '12', 'b'.repeat(12)])
    expect(rows[3]?.slice(4)).toEqual(['3MB', '1MB', '2MB', '1'])
    expect(rows[4]?.slice(0, 2)).toEqual(['localhost/mine', '1'])
    expect(stdout).toMatch(/^Containers space usage:$/m)
    expect(stdout).toMatch(/^a{12} .* 12\.3kB .* web$/m)
    expect(stdout).toMatch(/^data +1 +2kB$/m)
    expect(stdout).toMatch(/^far +0 +N\/A$/m)
  })

  test('-v by a template and as JSON', async () => {
    const { stdout } = await podwright(['system', 'df', '-v', '--format', '{{range .Images}}{{.Repository}}={{.UniqueSize}} {{end}}'], {
      system,
    })
    expect(stdout).toBe('docker.io/library/debian=2MB localhost/mine=2MB \n')
    const json = JSON.parse((await podwright('system df -v --format json', { system })).stdout) as Record<string, unknown[]>
    expect(Object.keys(json)).toEqual(['Images', 'Containers', 'Volumes'])
    expect(json['Volumes']?.[0]).toEqual({ Name: 'data', Driver: 'local', Links: '1', Size: '2kB' })
  })
})

const nothing: PrunedEngine = {
  containers: { containers: [], freedBytes: 0 },
  images: { untagged: [], deleted: [], freedBytes: 0 },
  volumes: { volumes: [], freedBytes: 0 },
  garbage: { items: [], blobs: 0, layers: 0, snapshots: 0, freedBytes: 0 },
  freedBytes: 0,
}

describe('system prune', () => {
  const run = async (
    line: string,
    pruned: PrunedEngine = nothing,
    stdin = '',
  ): Promise<{ asked: PruneEngineOptions[]; stdout: string; stderr: string }> => {
    const asked: PruneEngineOptions[] = []
    const prune = async (options: PruneEngineOptions = {}): Promise<PrunedEngine> => {
      asked.push({ ...options, signal: undefined })
      return pruned
    }
    const { stdout, stderr } = await podwright(line, { system: { prune }, stdin })
    return { asked, stdout, stderr }
  }

  test.each<[string, PruneEngineOptions]>([
    ['system prune -f', { dryRun: false }],
    ['system prune -af --volumes', { all: true, volumes: true }],
    ['system prune --dry-run', { dryRun: true }],
    [
      'system prune -f --filter until=1h --filter label=a=1 --filter label!=b',
      { until: new Date(now - 3_600_000), labels: ['a=1'], notLabels: ['b'] },
    ],
  ])('%s', async (line, wanted) => {
    const { asked, stderr } = await run(line)
    expect(stderr).toBe('')
    expect(asked).toMatchObject([wanted])
  })

  test('asks first, and says what goes', async () => {
    const no = await run('system prune -a --volumes', nothing, 'n\n')
    expect(no.asked).toEqual([])
    expect(no.stderr).toContain('all anonymous volumes that no container has')
    expect(no.stderr).toContain('all images without a container')
    expect((await run('system prune', nothing, 'y\n')).asked).toHaveLength(1)
    expect((await run('system prune')).asked).toEqual([])
  })

  test('tells what went', async () => {
    const pruned: PrunedEngine = {
      containers: { containers: [{ id: web.id, name: 'web', sizeBytes: 10 }], freedBytes: 10 },
      volumes: { volumes: [{ name: 'f'.repeat(64), sizeBytes: 20, inodes: 1 }], freedBytes: 20 },
      images: { untagged: ['localhost/mine:1'], deleted: [debian.id], freedBytes: 30 },
      garbage: {
        items: [
          { kind: 'blob', name: 'x', sizeBytes: 1 },
          { kind: 'trash', name: 'y', sizeBytes: 0 },
        ],
        blobs: 1,
        layers: 0,
        snapshots: 0,
        freedBytes: 1,
      },
      freedBytes: 61,
    }
    expect((await run('system prune -f', pruned)).stdout).toBe(
      `Deleted Containers:\n${web.id}\n\nDeleted Volumes:\n${'f'.repeat(64)}\n\n` +
        `Deleted Images:\nUntagged: localhost/mine:1\nDeleted: ${'b'.repeat(64)}\n\n` +
        'Deleted what interrupted commands left: 1 blob, 1 unfinished piece\n\nTotal reclaimed space: 61B\n',
    )
    expect((await run('system prune --dry-run', pruned)).stdout).toMatch(/^Would delete containers:\n[^]*Total reclaimable space: 61B\n$/)
    expect((await run('system prune -f')).stdout).toBe('Total reclaimed space: 0B\n')
  })

  test.each(['system prune -f --filter colour=red', 'system prune -f --filter until=soon', 'system prune --build', 'system prune x'])(
    '%s is refused',
    async (line) => {
      expect((await run(line)).asked).toEqual([])
    },
  )
})

describe('container prune', () => {
  const containers = (calls: unknown[]): object => ({
    prune: async (options: object) => {
      calls.push({ ...options, signal: undefined })
      return { containers: [{ id: web.id, name: 'web', sizeBytes: 1500 }], freedBytes: 1500 }
    },
  })

  test('asks, removes, tells', async () => {
    const calls: unknown[] = []
    expect(await podwright('container prune', { containers: containers(calls), stdin: 'no\n' })).toMatchObject({ code: 0, stdout: '' })
    expect(calls).toEqual([])
    const { stdout } = await podwright('container prune -f --filter label=a', { containers: containers(calls) })
    expect(stdout).toBe(`${web.id}\nTotal reclaimed space: 1.5kB\n`)
    expect(calls).toMatchObject([{ labels: ['a'], dryRun: false }])
    const dry = await podwright('container prune --dry-run', { containers: containers(calls) })
    expect(dry.stdout).toBe(`Would remove ${web.id}\nTotal reclaimable space: 1.5kB\n`)
  })
})

const counts = { images: 1, layers: 2, blobs: 3, containers: 1, volumes: 0 }
const finding = (changes: Partial<EngineFinding>): EngineFinding => ({
  kind: 'blob-missing',
  subject: 'sha256:1',
  reason: 'it is not there',
  images: [],
  state: 'repairable',
  action: 'It is made anew.',
  pull: [],
  ...changes,
})

describe('system check', () => {
  const run = (line: string, report: EngineCheck): ReturnType<typeof podwright> =>
    podwright(line, { system: { check: async () => report } })
  const garbage = finding({ kind: 'garbage', subject: 'ingest/x', action: 'It is deleted.' })

  test.each<[string, readonly EngineFinding[], boolean, number, string]>([
    ['nothing', [], true, 0, 'no damage.'],
    ['garbage', [garbage], true, 0, 'no damage; 1 leftover of interrupted commands.'],
    [
      'damage',
      [finding({}), garbage],
      false,
      1,
      "1 damaged; 1 leftover of interrupted commands; 'podwright system check --repair' mends or removes it.",
    ],
    ['what a pull mends', [finding({ state: 'pull' })], false, 1, '1 damaged.'],
    ['what was mended', [finding({ state: 'repaired' })], true, 0, '1 mended, no damage left.'],
    ['what was mended in part', [finding({ state: 'repaired' }), finding({ state: 'pull' })], false, 1, '1 mended, 1 damaged.'],
  ])('of %s', async (_title, findings, healthy, code, end) => {
    const ran = await run('system check', { findings, healthy, ...counts })
    expect(ran.code).toBe(code)
    expect(ran.stdout.trimEnd().split('\n').at(-1)).toBe(`Checked 1 image, 2 layers, 3 blobs, 1 container, 0 volumes: ${end}`)
  })

  test('of what a repair could not mend says no more of repairs', async () => {
    const { stdout } = await run('system check --repair', { findings: [finding({ state: 'lost' })], healthy: false, ...counts })
    expect(stdout).toMatch(/: 1 damaged\.\n$/)
  })

  test('says what is wrong and what to do', async () => {
    const lost = finding({
      kind: 'container-image-missing',
      subject: 'web\u001b[2J',
      state: 'pull',
      pull: ['docker.io/library/debian:12'],
      action: 'Pull it.',
    })
    const { stdout } = await run('system check', { findings: [garbage, lost], healthy: false, ...counts })
    expect(stdout).toMatch(
      /^damage {3}container-image-missing: web\\x1b\[2J: it is not there\n {9}Pull it\.\n {9}podwright pull docker\.io\/library\/debian:12\ngarbage {2}ingest\/x: /,
    )
  })

  test('as JSON', async () => {
    const report = { findings: [finding({})], healthy: false, ...counts }
    const { code, stdout } = await run('system check --format json', report)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual(report)
  })

  test('hands its flags on; a failure is no damage', async () => {
    const calls: unknown[] = []
    const check = async (options: object = {}): Promise<EngineCheck> => {
      calls.push(options)
      throw new EngineError('ERR_ENGINE_RUN_ROOT', 'cannot look')
    }
    expect((await podwright('system check -q -r --max 1h', { system: { check } })).code).toBe(125)
    expect(calls).toMatchObject([{ quick: true, repair: true, minAgeMs: 3_600_000 }])
    expect((await podwright('system check --format yaml', { system: { check } })).code).toBe(125)
    expect((await podwright('system check --force', { system: { check } })).stderr).toContain('does not have it yet')
    expect(calls).toHaveLength(1)
  })
})

describe('system reset', () => {
  const report: ResetReport = { containers: 1, images: 2, volumes: 0, directories: ['/data', '/run/p'], kept: ['/data/mine'] }
  const system = (calls: unknown[]): object => ({
    reset: async ({ dryRun }: { dryRun?: boolean }) => {
      calls.push(dryRun)
      return report
    },
  })

  test('asks, with all that would go', async () => {
    const calls: unknown[] = []
    const no = await podwright('system reset', { system: system(calls), stdin: 'n\n' })
    expect(no).toMatchObject({ code: 0, stdout: '' })
    expect(no.stderr).toContain('This removes for good\n  - 1 container, 2 images, 0 volumes\n  - /data\n  - /run/p\nGo on? [y/N]')
    expect(calls).toEqual([true])
    const yes = await podwright('system reset', { system: system(calls), stdin: 'y\n' })
    expect(yes.stdout).toBe(
      "Removed 1 container, 2 images, 0 volumes\nRemoved /data\nRemoved /run/p\nLeft /data/mine, which is not podwright's\n",
    )
    expect(calls).toEqual([true, true, false])
  })

  test('--force and --dry-run do not ask', async () => {
    const calls: unknown[] = []
    await podwright('system reset -f', { system: system(calls) })
    const dry = await podwright('system reset --dry-run', { system: system(calls) })
    expect(dry.stdout).toMatch(/^Would remove 1 container/)
    expect(calls).toEqual([false, true])
  })
})

describe('mount and unmount', () => {
  const trees: readonly MountedTree[] = [
    { kind: 'container', id: web.id, names: ['web'], path: '/s/web' },
    { kind: 'image', id: debian.id, names: debian.names, path: '/s/debian' },
  ]
  const find = (reference: string): MountedTree => {
    const found = trees.find(({ id, names }) => id === reference || names.includes(reference))
    if (found === undefined) throw new EngineError('ERR_IMAGE_NOT_FOUND', `no image here has the name or id "${reference}"`)
    return found
  }
  const stopped = summary({ id: 'c'.repeat(64), name: 'done' })
  const parts = {
    system: {
      mount: async (reference: string) => find(reference),
      unmount: async (reference: string) => (reference === 'idle' ? undefined : find(reference)),
      mounts: async () => trees,
    },
    containers: {
      list: async () => [
        { ...web, state: { ...web.state, pid: 0 } },
        { ...stopped, state: { ...stopped.state, pid: 7 } },
      ],
    },
  }

  test.each([
    ['mount', 0, `${'a'.repeat(12)}   /s/web\n${'b'.repeat(12)}   /s/debian\n`],
    ['mount --no-trunc', 0, `${'a'.repeat(64)}   /s/web\n${'b'.repeat(64)}   /s/debian\n`],
    ['mount web docker.io/library/debian:12', 0, '/s/web\n/s/debian\n'],
    ['mount web nope', 1, '/s/web\n'],
    ['mount --all', 0, '/s/web\n'],
    ['mount --all web', 125, ''],
    ['unmount web', 0, `${'a'.repeat(64)}\n`],
    ['umount --all', 0, `${'a'.repeat(64)}\n${'b'.repeat(64)}\n`],
    ['container unmount idle', 1, ''],
    ['unmount', 125, ''],
    ['unmount --all web', 125, ''],
  ])('%s', async (line, code, stdout) => {
    const ran = await podwright(line, parts)
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout })
  })

  test.each(['mount nope', 'unmount nope'])('%s: there is neither a container nor an image', async (line) => {
    expect(await podwright(line, parts)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no container or image is named "nope"'),
    })
  })

  test('mount --format json', async () => {
    expect(JSON.parse((await podwright('mount --format json', parts)).stdout)).toEqual([
      { id: 'a'.repeat(64), Names: ['web'], kind: 'container', mountpoint: '/s/web' },
      { id: 'b'.repeat(64), Names: debian.names, kind: 'image', mountpoint: '/s/debian' },
    ])
  })
})
