import type { PruneVolumesOptions, Volume, Volumes } from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ago } from '../fixtures/engine.ts'
import { podwright, type Ran } from '../fixtures/program.ts'

function volume(name: string, changes: Partial<Volume> = {}): Volume {
  return {
    name,
    driver: 'local',
    scope: 'local',
    path: `/var/lib/podwright/volumes/${name}/_data`,
    options: {},
    labels: {},
    createdAt: ago(3600),
    anonymous: false,
    needsCopyUp: false,
    holders: [],
    ...changes,
  }
}

const anonymous = 'f'.repeat(64)
const used = 'c'.repeat(64)
const all = [
  volume('cache', { options: { type: 'tmpfs', o: 'size=1m' }, createdAt: ago(60) }),
  volume('data', { labels: { tier: 'db', note: '' }, holders: [used] }),
  volume(anonymous, { anonymous: true, needsCopyUp: true, driver: 'cloud', scope: 'global', createdAt: ago(100 * 3600) }),
]

const inspect = async (reference: string): Promise<Volume> => {
  const found = all.find(({ name }) => name === reference)
  if (found === undefined) throw new EngineError('ERR_VOLUME_NOT_FOUND', `no volume has the name "${reference}"`)
  return found
}

/** Volumes that keep what was asked of them. */
function recording(more: Partial<Volumes> = {}): { calls: unknown[]; run: (line: string | readonly string[]) => Promise<Ran> } {
  const calls: unknown[] = []
  const keep =
    (answer: (...args: never[]) => unknown) =>
    async (...args: unknown[]): Promise<never> => {
      calls.push(args.map((arg) => (typeof arg === 'object' && arg !== null && 'signal' in arg ? { ...arg, signal: undefined } : arg)))
      return (await answer(...(args as never[]))) as never
    }
  const volumes: Partial<Volumes> = {
    list: async () => all,
    inspect,
    create: keep(({ name = anonymous }: { name?: string }) => volume(name)),
    remove: keep(async (reference: string) => {
      const { name, holders } = await inspect(reference)
      if (holders.length > 0) throw new EngineError('ERR_VOLUME_IN_USE', `cannot remove the volume ${name}: it is in use by web`)
      return name
    }),
    mount: keep(async (reference: string) => (await inspect(reference)).path),
    unmount: keep(() => true),
    rename: keep((_old: string, name: string) => volume(name)),
    clone: keep((_old: string, name: string) => volume(name)),
    ...more,
  }
  return { calls, run: (line) => podwright(line, { volumes }) }
}

describe('volume ls', () => {
  test('shows drivers and names', async () => {
    const { stdout } = await recording().run('volume ls')
    expect(stdout).toBe(`DRIVER   VOLUME NAME\nlocal    cache\nlocal    data\ncloud    ${anonymous}\n`)
    expect((await recording().run('volume list --noheading')).stdout).toBe(`local   cache\nlocal   data\ncloud   ${anonymous}\n`)
  })

  test.each([
    ['', ['cache', 'data', anonymous]],
    ['-f name=at', ['data']],
    ['-f name=^c -f name=ta$', ['cache', 'data']],
    ['-f name=(', []],
    ['-f driver=cloud', [anonymous]],
    ['-f scope=global', [anonymous]],
    ['-f label=tier', ['data']],
    ['-f label=tier=db -f label=note=', ['data']],
    ['-f label=tier=web', []],
    ['-f label=toString', []],
    ['-f label!=tier', ['cache', anonymous]],
    ['-f opt=type', ['cache']],
    ['-f opt=type=nfs', []],
    ['-f dangling=true', ['cache', anonymous]],
    ['-f dangling=0', ['data']],
    ['-f anonymous=true', [anonymous]],
    ['-f until=24h', [anonymous]],
    ['-f until=30m', ['data', anonymous]],
    ['-f after=data', ['cache']],
    ['-f since=data', ['cache']],
    ['-f before=data', [anonymous]],
    ['-f dangling=true -f driver=local', ['cache']],
  ])('-q %s', async (flags, names) => {
    const { stdout, stderr } = await recording().run(`volume ls -q ${flags}`)
    expect(stderr).toBe('')
    expect(stdout.split('\n').filter(Boolean)).toEqual(names)
  })

  test.each([
    ['volume ls -f colour=red', 'unknown filter "colour"'],
    ['volume ls -f dangling=maybe', 'it is true or false'],
    ['volume ls -f after=gone', 'there is none of that name'],
    ['volume ls -f until=soon', 'it is no moment'],
    ['volume ls -f name', 'it is not NAME=VALUE'],
  ])('%s', async (line, message) => {
    const { code, stderr, stdout } = await recording().run(line)
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain(message)
  })

  test('in templates and JSON', async () => {
    const line = ['volume', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Scope}} {{.Labels}} {{.Label "tier"}}', '-f', 'name=data']
    expect((await recording().run(line)).stdout).toBe('data local local tier=db,note= db\n')
    const json: unknown = JSON.parse((await recording().run('volume ls --format json -f name=cache')).stdout)
    expect(json).toMatchObject([{ Name: 'cache', Driver: 'local', Scope: 'local', Options: { type: 'tmpfs', o: 'size=1m' } }])
    const lines = (await recording().run(['volume', 'ls', '--format', '{{json .}}', '-f', 'name=data'])).stdout
    expect(JSON.parse(lines)).toEqual({
      Driver: 'local',
      Labels: 'tier=db,note=',
      Links: '1',
      Mountpoint: '/var/lib/podwright/volumes/data/_data',
      Name: 'data',
      Scope: 'local',
      Size: 'N/A',
      Status: 'N/A',
    })
  })
})

describe('volume inspect', () => {
  test('prints what docker and podman print, and what is not there says so', async () => {
    const { code, stdout, stderr } = await recording().run('volume inspect data nope')
    expect(code).toBe(1)
    expect(stderr).toContain('no volume has the name "nope"')
    expect(JSON.parse(stdout)).toEqual([
      {
        Name: 'data',
        Driver: 'local',
        Mountpoint: '/var/lib/podwright/volumes/data/_data',
        CreatedAt: ago(3600).toISOString(),
        Labels: { tier: 'db', note: '' },
        Scope: 'local',
        Options: {},
        Anonymous: false,
        NeedsCopyUp: false,
        UsedBy: [used],
      },
    ])
  })

  test('by a template, or all of them', async () => {
    const line = ['volume', 'inspect', '-f', '{{.Mountpoint}} {{index .Labels "tier"}}', 'data']
    expect((await recording().run(line)).stdout).toBe('/var/lib/podwright/volumes/data/_data db\n')
    expect(JSON.parse((await recording().run('volume inspect --all')).stdout)).toHaveLength(3)
    expect(await recording().run('volume inspect')).toMatchObject({ code: 125 })
    expect(await recording().run('volume inspect -a data')).toMatchObject({ code: 125 })
  })
})

describe('volume create', () => {
  test.each<[string, object]>([
    ['volume create', { existing: 'same' }],
    ['volume create data', { name: 'data', existing: 'same' }],
    ['volume create --name data', { name: 'data' }],
    ['volume create --ignore data', { name: 'data', existing: 'any' }],
    ['volume create -d cloud -l a=1 --label b data', { driver: 'cloud', labels: { a: '1', b: '' } }],
    ['volume create -o type=tmpfs -o o=size=1m,mode=700 --opt nocopy x', { options: { type: 'tmpfs', o: 'size=1m,mode=700', nocopy: '' } }],
    ['volume create --uid 7 --gid 8 x', { options: { uid: '7', gid: '8' } }],
  ])('%s', async (line, wanted) => {
    const { calls, run } = recording()
    const { code, stdout } = await run(line)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${(wanted as { name?: string }).name ?? stdout.trim()}\n` })
    expect(calls[0]).toMatchObject([wanted])
  })

  test.each([
    ['volume create -o =x data', 'it is not NAME=VALUE'],
    ['volume create -o o=bind -o o=ro data', '--opt gives o two values: "bind" and "ro"'],
    ['volume create --uid 7 -o uid=8 data', '--opt gives uid two values'],
    ['volume create --name a b', 'the volume is named twice'],
    ['volume create a b', 'at most 1'],
    ['volume create --scope single a', 'does not have'],
  ])('%s', async (line, message) => {
    const { calls, run } = recording()
    const { code, stderr } = await run(line)
    expect(code).toBe(125)
    expect(stderr).toContain(message)
    expect(calls).toEqual([])
  })
})

describe('volume rm', () => {
  test.each([
    ['volume rm cache', 0, 'cache\n', ''],
    ['volume rm cache nope', 1, 'cache\n', 'no volume has the name "nope"'],
    ['volume rm data cache', 2, 'cache\n', 'it is in use by web'],
    ['volume rm data nope', 2, '', 'nope'],
    ['volume rm -f nope', 0, '', ''],
    ['volume rm', 125, '', 'name volumes, or give --all'],
    ['volume rm --all cache', 125, '', 'name volumes, or give --all'],
    [
      'volume remove --all --dry-run -f',
      0,
      `Would remove cache\nWould remove the container cccccccccccc\nWould remove data\nWould remove ${anonymous}\n`,
      '',
    ],
    ['volume rm --dry-run data', 2, '', 'it is in use by cccccccccccc'],
    ['volume rm --dry-run nope', 1, '', 'no volume'],
  ])('%s', async (line, code, stdout, message) => {
    const ran = await recording().run(line)
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout })
    expect(ran.stderr).toContain(message)
  })

  test('says how long containers may take to stop, and a dry run removes nothing', async () => {
    const { calls, run } = recording()
    await run('volume rm -f -t 3 cache')
    expect(calls).toEqual([['cache', { force: true, timeoutSeconds: 3, signal: undefined }]])
    await run('volume rm --dry-run cache')
    expect(calls).toHaveLength(1)
  })
})

describe('volume prune', () => {
  const chosen: string[][] = []
  const prune = async ({ filter = (): boolean => false, dryRun }: PruneVolumesOptions = {}): ReturnType<Volumes['prune']> => {
    const gone = all.filter(({ holders }) => holders.length === 0).filter(filter)
    chosen.push(gone.map(({ name }) => name))
    expect(dryRun).toBeDefined()
    return { volumes: gone.map(({ name }) => ({ name, sizeBytes: 1_500_000, inodes: 1 })), freedBytes: gone.length * 1_500_000 }
  }

  test.each([
    ['-f', [anonymous]],
    ['-f --all', ['cache', anonymous]],
    ['-f --filter all=1', ['cache', anonymous]],
    ['-f --filter all=false', [anonymous]],
    ['-f -a --filter label!=tier --filter until=24h', [anonymous]],
    ['-f -a --filter driver=local', ['cache']],
  ])('%s', async (flags, names) => {
    const { code, stdout } = await recording({ prune }).run(`volume prune ${flags}`)
    const total = names.length === 1 ? '1.5MB' : '3MB'
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${names.map((name) => `${name}\n`).join('')}Total reclaimed space: ${total}\n` })
  })

  test('asks first, and a dry run need not', async () => {
    const asked = await podwright('volume prune', { volumes: { list: async () => all, prune }, stdin: 'n\n' })
    expect(asked).toMatchObject({ code: 0, stdout: '' })
    expect(asked.stderr).toContain('all anonymous volumes that no container uses')
    const yes = await podwright('volume prune --all', { volumes: { list: async () => all, prune }, stdin: 'y\n' })
    expect(yes.stdout).toContain('cache')
    const dry = await recording({ prune }).run('volume prune --dry-run')
    expect(dry.stdout).toBe(`Would remove ${anonymous}\nTotal reclaimable space: 1.5MB\n`)
  })
})

describe('volume exists, mount, unmount, rename, clone', () => {
  test.each([
    ['volume exists data', 0, ''],
    ['volume exists nope', 1, ''],
    ['volume mount data cache', 0, '/var/lib/podwright/volumes/data/_data\n/var/lib/podwright/volumes/cache/_data\n'],
    ['volume mount nope', 1, ''],
    ['volume unmount data', 0, 'data\n'],
    ['volume umount data', 0, 'data\n'],
    ['volume rename data other', 0, 'other\n'],
    ['volume clone data other', 0, 'other\n'],
    ['volume rename data', 125, ''],
  ])('%s', async (line, code, stdout) => {
    const ran = await recording().run(line)
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout })
  })
})

describe('volume export and import', () => {
  const tar = Buffer.from('a tar')
  const parts: Partial<Volumes> = {
    inspect,
    export: async function* tarOf() {
      yield tar
    },
  }

  test('write to stdout or into a file, not to a terminal', async () => {
    expect(await podwright('volume export data', { volumes: parts })).toMatchObject({ code: 0, stdout: 'a tar' })
    const terminal = await podwright('volume export data', { volumes: parts, terminal: true })
    expect(terminal).toMatchObject({ code: 125, stdout: '' })
    expect(terminal.stderr).toContain('an archive is not for a terminal')
    const directory = mkdtempSync(join(tmpdir(), 'podwright-export-'))
    try {
      expect(await podwright(`volume export data -o ${directory}/x.tar`, { volumes: parts, terminal: true })).toMatchObject({ code: 0 })
      expect(readFileSync(join(directory, 'x.tar'), 'utf8')).toBe('a tar')
      const gone = await podwright(`volume export nope -o ${directory}/y.tar`, { volumes: parts })
      expect(gone.stderr).toContain('no volume has the name "nope"')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('read stdin or a file, not a terminal', async () => {
    const read: string[] = []
    const volumes: Partial<Volumes> = {
      import: async (reference, source) => {
        let text = ''
        for await (const chunk of source) text += Buffer.from(chunk).toString()
        read.push(`${reference}: ${text}`)
      },
    }
    const directory = mkdtempSync(join(tmpdir(), 'podwright-import-'))
    try {
      writeFileSync(join(directory, 'x.tar'), 'from a file')
      expect(await podwright('volume import data -', { volumes, stdin: 'from stdin' })).toMatchObject({ code: 0 })
      expect(await podwright('volume import data', { volumes, stdin: 'too' })).toMatchObject({ code: 0 })
      expect(await podwright(`volume import data ${directory}/x.tar`, { volumes })).toMatchObject({ code: 0 })
      expect(read).toEqual(['data: from stdin', 'data: too', 'data: from a file'])
      const missing = await podwright(`volume import data ${directory}/nope.tar`, { volumes })
      expect(missing).toMatchObject({ code: 125 })
      expect(missing.stderr).toContain('nope.tar')
      expect((await podwright('volume import data', { volumes, terminal: true })).stderr).toContain('does not come from a terminal')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
