import type { CheckEngineOptions, ContainerOptions, Engine, EngineFinding } from '@podwright/contracts'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cannotRun, storeBusybox } from '../support/busybox.ts'
import { type EngineSandbox, eventually, openSandbox } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: the whole engine: ${cannotRun}\n`)

describe.skipIf(cannotRun !== undefined)('everything at once', () => {
  let sandbox: EngineSandbox
  let engine: Engine

  beforeEach(async () => {
    sandbox = await openSandbox()
    engine = sandbox.engine
  })
  afterEach(() => sandbox[Symbol.asyncDispose]())

  const path = (...names: string[]): string => join(sandbox.root, ...names)

  async function make(script: string, options: Partial<ContainerOptions> & { startsNext?: boolean } = {}): Promise<string> {
    return (await engine.containers.create({ image: 'busybox', command: ['sh', '-c', script], network: 'none', ...options })).id
  }

  async function ran(script = 'true', options: Partial<ContainerOptions> = {}): Promise<string> {
    const id = await make(script, options)
    await engine.containers.start(id, { streams: {} })
    return id
  }

  async function running(options: Partial<ContainerOptions> = {}): Promise<string> {
    const id = await make('sleep 300', options)
    await engine.containers.start(id)
    return id
  }

  function sql(statements: string, file = 'engine.db'): void {
    const database = new DatabaseSync(path(file))
    database.exec(`PRAGMA foreign_keys = OFF; ${statements}`)
    database.close()
  }

  const inUse = (id: string): Promise<readonly string[]> =>
    engine.containers.list({ all: true }).then((all) => all.map((one) => one.id).filter((other) => other === id))

  describe('usage', () => {
    test('tells what is in use, what takes how much, and what would come back', async () => {
      const up = await running()
      const down = await ran('head -c 1000000 /dev/zero > /big', { mounts: [{ type: 'volume', source: 'kept', target: '/kept' }] })
      await engine.volumes.create({ name: 'idle' })
      writeFileSync(join((await engine.volumes.inspect('idle')).path, 'file'), Buffer.alloc(500_000))
      await engine.volumes.create({ name: 'memory', options: { type: 'tmpfs' } })
      await storeBusybox(sandbox.root, sandbox.runRoot, {
        name: 'localhost/other:1',
        entries: [{ name: 'etc/other', content: 'x'.repeat(1000) }],
      })

      const { images, containers, volumes } = await engine.system.usage()
      expect(images).toMatchObject({ active: 1, sizeBytes: images.layerBytes + images.blobBytes })
      expect(images.items.map(({ image, containers: on }) => [image.names[0], on.length]).toSorted()).toEqual([
        ['localhost/busybox:latest', 2],
        ['localhost/other:1', 0],
      ])
      expect(images.reclaimableBytes).toBeGreaterThan(1000)
      expect(images.reclaimableBytes).toBeLessThan(images.sizeBytes)
      expect(containers.active).toBe(1)
      const sizeOf = (id: string): number => containers.items.find(({ container }) => container.id === id)?.sizeBytes ?? -1
      expect(sizeOf(down)).toBeGreaterThanOrEqual(1_000_000)
      expect(sizeOf(up)).toBeLessThan(100_000)
      expect(containers).toMatchObject({ sizeBytes: sizeOf(up) + sizeOf(down), reclaimableBytes: sizeOf(down) })
      expect(volumes.active).toBe(1)
      expect(volumes.items.map(({ volume, sizeBytes }) => [volume.name, sizeBytes === undefined])).toEqual([
        ['idle', false],
        ['kept', false],
        ['memory', true],
      ])
      expect(volumes.reclaimableBytes).toBeGreaterThanOrEqual(500_000)
    })

    test('does not count what is mounted in a tree', async () => {
      const id = await make('true')
      await engine.system.mount(id)
      const { containers } = await engine.system.usage()
      expect(containers.sizeBytes).toBeLessThan(100_000)
      await engine.system.unmount(id)
    })
  })

  describe('prune', () => {
    test('takes containers that do not run, dangling images, and with volumes the anonymous ones; a dry run says the same and takes nothing', async () => {
      const up = await running()
      const down = await ran('true', {
        mounts: [
          { type: 'volume', target: '/data' },
          { type: 'volume', source: 'named', target: '/named' },
        ],
      })
      const created = await make('true')
      await storeBusybox(sandbox.root, sandbox.runRoot, { name: 'localhost/other:1', config: { Labels: { keep: '' } } })
      const onOther = await make('true', { image: 'localhost/other:1' })

      const dry = await engine.system.prune({ all: true, volumes: true, dryRun: true })
      expect(await engine.containers.list({ all: true })).toHaveLength(4)
      const pruned = await engine.system.prune({ all: true, volumes: true })
      expect(pruned.containers.containers.map(({ id }) => id).toSorted()).toEqual([down, created, onOther].toSorted())
      expect(pruned.images.untagged).toContain('localhost/other:1')
      expect(pruned.volumes.volumes).toHaveLength(1)
      expect(pruned.freedBytes).toBe(pruned.containers.freedBytes + pruned.images.freedBytes + pruned.volumes.freedBytes)
      expect({ ...dry, garbage: undefined }).toEqual({ ...pruned, garbage: undefined })
      expect(await inUse(up)).toEqual([up])
      expect((await engine.volumes.list()).map(({ name }) => name)).toEqual(['named'])
      expect((await engine.images.list()).map(({ names }) => names[0])).toEqual(['localhost/busybox:latest'])
    })

    test('by labels and age', async () => {
      const kept = await ran('true', { labels: { keep: 'yes' } })
      const gone = await ran('true', { labels: { keep: 'no' } })
      expect((await engine.containers.prune({ until: new Date(Date.now() - 60_000) })).containers).toEqual([])
      expect((await engine.containers.prune({ labels: ['other'] })).containers).toEqual([])
      const { containers } = await engine.containers.prune({ labels: ['keep'], notLabels: ['keep=yes'] })
      expect(containers.map(({ id }) => id)).toEqual([gone])
      expect(await inUse(kept)).toEqual([kept])
    })

    test('leaves a container that is about to be started, and takes it once that has failed', async () => {
      const id = await make('true', { startsNext: true })
      await using other = await sandbox.reopen()
      expect((await other.system.prune()).containers.containers).toEqual([])
      expect(await engine.containers.start(id, { streams: {} })).toEqual({ type: 'exited', exitCode: 0 })
      expect((await other.system.prune()).containers.containers.map((one) => one.id)).toEqual([id])
      const bad = await engine.containers.create({ image: 'busybox', command: ['/nope'], network: 'none', startsNext: true })
      await expect(engine.containers.start(bad.id)).rejects.toThrow('/nope')
      expect((await other.system.prune()).containers.containers.map((one) => one.id)).toEqual([bad.id])
      expect(readdirSync(join(sandbox.runRoot, 'locks'))).toEqual([])
    })

    test('takes down what is mounted of a container that it removes', async () => {
      const id = await make('true')
      const { path: place } = await engine.system.mount(id)
      await engine.system.prune()
      expect(existsSync(place)).toBe(false)
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(id)
    })
  })

  describe('check', () => {
    const check = (options: CheckEngineOptions = {}): ReturnType<Engine['system']['check']> =>
      engine.system.check({ minAgeMs: 0, ...options })
    const kinds = (findings: readonly EngineFinding[]): string[] => [...new Set(findings.map(({ kind }) => kind))].toSorted()

    test('finds nothing where nothing is wrong, whatever the containers do', async () => {
      await running({ mounts: [{ type: 'volume', source: 'data', target: '/data' }] })
      await ran()
      await make('true')
      expect(await check()).toMatchObject({ findings: [], healthy: true, images: 1, containers: 3, volumes: 1 })
    })

    test('leaves out what somebody is at work on', async () => {
      await make('true', { startsNext: true })
      await using other = await sandbox.reopen()
      expect((await other.system.check({ minAgeMs: 0, repair: true })).findings).toEqual([])
    })

    /** How damage is made, what a check finds, and whether it can be mended. */
    const damages: readonly (readonly [name: string, kind: EngineFinding['kind'], state: string, damage: (id: string) => unknown])[] = [
      [
        'a tree is gone, row and all',
        'container-tree-missing',
        'lost',
        (id) => sql(`DELETE FROM snapshots WHERE key = '${id}'`, 'storage.db'),
      ],
      ['the directory of a tree is gone', 'snapshot-missing', 'lost', (id) => rmSync(path('snapshots', id), { recursive: true })],
      [
        'the directory of a container is gone',
        'container-directory-missing',
        'repairable',
        (id) => rmSync(path('containers', id), { recursive: true }),
      ],
      ['the database has a fault', 'engine-database', 'repairable', () => spoil('engine.db')],
      ['the database is none', 'engine-database', 'repairable', () => writeFileSync(path('engine.db'), 'x'.repeat(8192))],
      ["the storage's database is none", 'database', 'repairable', () => writeFileSync(path('storage.db'), 'x'.repeat(8192))],
    ]

    test.each(damages)('%s: %s', async (_name, kind, state, damage) => {
      const id = await ran()
      await engine[Symbol.asyncDispose]()
      await damage(id)
      engine = await sandbox.reopen()
      const found = await check({ quick: true })
      expect(found.healthy).toBe(false)
      expect(found.findings.filter((finding) => finding.kind !== 'garbage').map((finding) => [finding.kind, finding.state])).toEqual([
        [kind, state],
      ])
      const mended = await check({ quick: true, repair: true })
      expect(mended.healthy).toBe(state === 'repairable')
      await engine[Symbol.asyncDispose]()
      engine = await sandbox.reopen()
      expect(kinds((await check({ quick: true })).findings)).toEqual([])
      expect((await engine.images.list()).map(({ names }) => names)).toEqual([['localhost/busybox:latest']])
      for (const container of await engine.containers.list({ all: true })) {
        expect(await engine.containers.start(container.id, { streams: {} })).toEqual({ type: 'exited', exitCode: 0 })
      }
    })

    function spoil(file: string): void {
      const database = new DatabaseSync(path(file))
      database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE')
      const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'containers_by_image'").get() as {
        rootpage: number
      }
      database.close()
      const bytes = readFileSync(path(file))
      bytes.fill(0xff, (rootpage - 1) * 4096 + 8, (rootpage - 1) * 4096 + 64)
      writeFileSync(path(file), bytes)
    }

    test('an image is gone, and its container says what to pull', async () => {
      const id = await ran()
      sql('PRAGMA foreign_keys = ON; DELETE FROM images', 'storage.db')
      const { findings, healthy } = await check({ quick: true })
      expect(healthy).toBe(false)
      expect(findings.find(({ kind }) => kind === 'container-image-missing')).toMatchObject({
        state: 'pull',
        pull: ['localhost/busybox:latest'],
        subject: expect.stringContaining(id),
      })
    })

    test('a volume is gone, and one can’t be read', async () => {
      const mounts = ['gone', 'unread'].map((source) => ({ type: 'volume', source, target: `/${source}` }) as const)
      await ran('true', { mounts })
      rmSync(path('volumes/gone'), { recursive: true })
      writeFileSync(path('volumes/unread/.volume.json'), '{')
      const { findings } = await check({ repair: true })
      expect(findings.map(({ kind, state }) => [kind, state])).toEqual([
        ['volume-missing', 'lost'],
        ['volume-record', 'lost'],
      ])
      expect(findings[0]?.action).toContain('podwright volume create gone')
      await engine.volumes.create({ name: 'gone' })
      writeFileSync(path('volumes/unread/.volume.json'), readFileSync(path('volumes/gone/.volume.json')))
      expect((await check()).findings).toEqual([])
    })

    test('a container that lives and is not recorded is ended', async () => {
      const id = await running()
      const { pid } = (await engine.containers.inspect(id)).state
      sql(`DELETE FROM containers WHERE id = '${id}'`)
      const found = await check()
      expect(found.findings.filter(({ kind }) => kind !== 'garbage')).toMatchObject([
        { kind: 'container-unrecorded', subject: id, state: 'repairable' },
      ])
      expect(await check({ repair: true, dryRun: true })).toMatchObject({ healthy: false })
      expect(existsSync(`/proc/${pid}`)).toBe(true)
      expect(await check({ repair: true })).toMatchObject({ healthy: true })
      expect(
        await eventually(
          () => existsSync(`/proc/${pid}`),
          (there) => !there,
        ),
      ).toBe(false)
      expect(sandbox.leftovers(id)).toEqual([])
      expect((await check()).findings).toEqual([])
    })

    /** What crashes leave: no damage. */
    const leftovers: readonly (readonly [name: string, leave: (id: string) => unknown, subject: RegExp])[] = [
      ['a directory of a container that is gone', () => mkdirSync(path('containers', 'a'.repeat(64))), /^containers\/a{64}$/],
      ['a directory that was being deleted', () => mkdirSync(path('containers', `${'b'.repeat(64)}.gone`)), /^containers\/b{64}\.gone$/],
      [
        'a tree of a container that is gone',
        async () => {
          const other = await ran()
          sql(`DELETE FROM containers WHERE id = '${other}'`)
          rmSync(path('containers', other), { recursive: true })
        },
        /^[0-9a-f]{64}$/,
      ],
      ['a lock of a container that is gone', () => writeFileSync(join(sandbox.runRoot, 'locks', 'd'.repeat(64)), ''), /locks\/d{64}$/],
      [
        'a lock of a creation that was killed',
        (id) => writeFileSync(join(sandbox.runRoot, 'locks', `${id}.new`), ''),
        /locks\/[0-9a-f]{64}\.new$/,
      ],
      [
        'what a runtime has of a container that is gone',
        () => mkdirSync(join(sandbox.runRoot, 'crun', 'e'.repeat(64)), { recursive: true }),
        /crun\/e{64}$/,
      ],
      [
        'what a runtime has of a container that has ended',
        (id) => mkdirSync(join(sandbox.runRoot, 'runc', id), { recursive: true }),
        /runc\/[0-9a-f]{64}$/,
      ],
      ['a removal that was killed', (id) => sql(`UPDATE containers SET status = 'removing' WHERE id = '${id}'`), /^job \([0-9a-f]{64}\)$/],
      [
        'a start that was killed',
        (id) => sql(`UPDATE containers SET status = 'initialized', pid = 0, boot_id = 'x' WHERE id = '${id}'`),
        /^job \([0-9a-f]{64}\)$/,
      ],
      [
        'a creation that was killed',
        (id) => {
          sql(`UPDATE containers SET started_at = NULL, status = 'created' WHERE id = '${id}'`)
          sql(`DELETE FROM snapshots WHERE key = '${id}'`, 'storage.db')
          rmSync(path('snapshots', id), { recursive: true })
        },
        /^job \([0-9a-f]{64}\)$/,
      ],
      [
        'a volume held by a container that is gone',
        () => writeFileSync(path('volumes/data/.holders', 'f'.repeat(64)), ''),
        /^volumes\/data$/,
      ],
      [
        'a volume that was being removed',
        () => renameSync(path('volumes/data/.volume.json'), path('volumes/data/.pending.json')),
        /^volumes\/data$/,
      ],
    ]

    test.each(leftovers)('%s is garbage, and a repair takes it', async (_name, leave, subject) => {
      const id = await ran('true', { name: 'job' })
      await engine.volumes.create({ name: 'data' })
      mkdirSync(path('volumes/data/.holders'), { recursive: true })
      await leave(id)
      const found = await check({ quick: true })
      expect(found.healthy).toBe(true)
      expect(found.findings.filter((finding) => finding.kind !== 'container-tree-missing')).not.toEqual([])
      expect(found.findings.some((finding) => finding.kind === 'garbage' && subject.test(finding.subject))).toBe(true)
      expect(kinds((await check({ quick: true, repair: true })).findings)).toEqual(['garbage'])
      expect((await check({ quick: true })).findings).toEqual([])
    })

    test('garbage that is young is left to who makes it', async () => {
      mkdirSync(path('containers', 'a'.repeat(64)))
      expect((await engine.system.check({ quick: true, repair: true })).findings).toEqual([])
      expect(existsSync(path('containers', 'a'.repeat(64)))).toBe(true)
    })
  })

  describe('mount', () => {
    test('has a container’s tree to work on, until it is unmounted or removed', async () => {
      const id = await make('cat /from-host')
      const { path: place, kind, names } = await engine.system.mount(id)
      expect({ kind, names }).toEqual({ kind: 'container', names: [(await engine.containers.inspect(id)).name] })
      expect(readFileSync(join(place, 'etc/passwd'), 'utf8')).toContain('root:')
      writeFileSync(join(place, 'from-host'), 'hello\n')
      expect(await engine.system.mount(id)).toMatchObject({ path: place })
      expect(await engine.system.mounts()).toMatchObject([{ id, path: place }])
      expect(await engine.system.unmount(id)).toMatchObject({ path: place })
      expect(await engine.system.unmount(id)).toBeUndefined()
      expect(readdirSync(place)).toEqual([])
      await engine.system.mount(id)
      await engine.containers.remove(id)
      expect(await engine.system.mounts()).toEqual([])
      expect(sandbox.leftovers(id)).toEqual([])
    })

    test('is shared with the container when that is started afterwards', async () => {
      const id = await make('echo inside > /inside; while ! [ -e /outside ]; do sleep 0.05; done; cat /outside > /seen; sleep 300')
      const { path: place } = await engine.system.mount(id)
      await engine.containers.start(id)
      expect(await eventually(() => existsSync(join(place, 'inside')), Boolean)).toBe(true)
      writeFileSync(join(place, 'outside'), 'outside\n')
      expect(await eventually(() => (existsSync(join(place, 'seen')) ? readFileSync(join(place, 'seen'), 'utf8') : ''), Boolean)).toBe(
        'outside\n',
      )
      await engine.containers.remove(id, { force: true })
      expect(sandbox.leftovers(id)).toEqual([])
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(id)
    })

    test('is refused for one that runs unmounted, and says where its tree is', async () => {
      const id = await running()
      const { pid } = (await engine.containers.inspect(id)).state
      await expect(engine.system.mount(id)).rejects.toMatchObject({
        code: 'ERR_CONTAINER_RUNNING',
        hint: expect.stringContaining(`/proc/${pid}/root`),
      })
      expect(readFileSync(`/proc/${pid}/root/etc/passwd`, 'utf8')).toContain('root:')
    })

    test('of an image is read-only', async () => {
      const { path: place, kind } = await engine.system.mount('busybox')
      expect(kind).toBe('image')
      expect(() => writeFileSync(join(place, 'x'), '')).toThrow(/EROFS/)
      const id = await make('true')
      await engine.system.mount(id)
      expect((await engine.system.mounts()).map((tree) => tree.kind)).toEqual(['container', 'image'])
      for (const reference of [id, 'busybox']) expect(await engine.system.unmount(reference)).toBeDefined()
      await expect(engine.system.mount('nope')).rejects.toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
    })
  })

  describe('reset', () => {
    test('ends and deletes everything, and nothing that is not the engine’s', async () => {
      const outside = mkdtempSync(join(tmpdir(), 'outside-'))
      writeFileSync(join(outside, 'precious'), '')
      const id = await running({ mounts: [{ type: 'volume', source: 'data', target: '/data' }] })
      const { pid, monitorPid } = (await engine.containers.inspect(id)).state
      await engine.volumes.create({ name: 'host', options: { type: 'none', device: outside, o: 'bind' } })
      await engine.volumes.mount('host')
      await engine.system.mount(await make('true'))
      await engine.system.mount('busybox')
      for (const link of ['volumes/link', 'containers/link', 'snapshots/link', 'layers/link', 'elsewhere']) symlinkSync(outside, path(link))
      writeFileSync(path('mine'), 'mine')

      const dry = await engine.system.reset({ dryRun: true })
      expect(dry).toMatchObject({ containers: 2, images: 1, volumes: 2, directories: [sandbox.runRoot] })
      expect(dry.kept.toSorted()).toEqual([path('elsewhere'), path('mine')])
      expect(existsSync(`/proc/${pid}`)).toBe(true)
      const report = await engine.system.reset()
      expect(report).toMatchObject({ containers: 2, images: 1, volumes: 2, directories: [sandbox.runRoot] })
      expect(report.kept.toSorted()).toEqual([path('elsewhere'), path('mine')])
      expect(readdirSync(sandbox.root).toSorted()).toEqual(['elsewhere', 'mine'])
      expect(readdirSync(outside)).toEqual(['precious'])
      for (const process of [pid, monitorPid])
        expect(
          await eventually(
            () => existsSync(`/proc/${process}`),
            (there) => !there,
          ),
        ).toBe(false)
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(sandbox.root)
      rmSync(outside, { recursive: true })
      engine = await sandbox.reopen()
      expect(await engine.containers.list({ all: true })).toEqual([])
    })

    test('leaves no directory where everything was the engine’s', async () => {
      await ran('true', { mounts: [{ type: 'volume', target: '/v' }] })
      expect(await engine.system.reset()).toMatchObject({ directories: [sandbox.runRoot, sandbox.root], kept: [] })
      expect(existsSync(sandbox.root)).toBe(false)
      await sandbox.reopen()
    })

    test('waits for the clean-up of a container that was removed before', async () => {
      await engine.containers.remove(await ran())
      // As its monitor starts it: some time later it opens the engine, which makes its directories.
      const entry = fileURLToPath(new URL('../../src/cleanup.ts', import.meta.url))
      const cleanup = spawn('sh', ['-c', 'sleep 0.5; mkdir -p "$3/containers"', entry, '--runroot', sandbox.runRoot, sandbox.root])
      const ended = once(cleanup, 'close')
      await engine.system.reset()
      await ended
      expect(existsSync(sandbox.root)).toBe(false)
      await sandbox.reopen()
    })

    test('of what is damaged: what runs is ended all the same', async () => {
      const id = await running()
      const { pid } = (await engine.containers.inspect(id)).state
      await engine[Symbol.asyncDispose]()
      for (const name of ['engine.db-wal', 'engine.db-shm']) rmSync(path(name), { force: true })
      writeFileSync(path('engine.db'), 'x'.repeat(8192))
      engine = await sandbox.reopen()
      await engine.system.reset()
      expect(
        await eventually(
          () => existsSync(`/proc/${pid}`),
          (there) => !there,
        ),
      ).toBe(false)
      expect(existsSync(sandbox.root)).toBe(false)
      await sandbox.reopen()
    })

    test('of a root behind a link empties it, and leaves the link', async () => {
      await engine[Symbol.asyncDispose]()
      const real = `${sandbox.root}-real`
      renameSync(sandbox.root, real)
      symlinkSync(real, sandbox.root)
      engine = await sandbox.reopen()
      await engine.system.mount(await make('true'))
      await engine.system.reset()
      expect(readdirSync(real)).toEqual([])
      expect(realpathSync(sandbox.root)).toBe(real)
    })

    test('is refused where something else is mounted', async () => {
      await make('true')
      mkdirSync(path('layers/disk'))
      spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', path('layers/disk')])
      try {
        writeFileSync(path('layers/disk/file'), '')
        await expect(engine.system.reset()).rejects.toMatchObject({ code: 'ERR_ENGINE_RESET', details: { target: path('layers/disk') } })
        expect(readdirSync(path('layers/disk'))).toEqual(['file'])
      } finally {
        spawnSync('umount', [path('layers/disk')])
      }
      await engine.system.reset()
      expect(existsSync(sandbox.root)).toBe(false)
    })

    test.each([
      ['a directory of somebody else’s', (root: string) => writeFileSync(join(root, 'thesis.txt'), '')],
      ['another program’s database', (root: string) => foreignDatabase(join(root, 'engine.db'))],
      ['a database that can’t be read', (root: string) => writeFileSync(join(root, 'engine.db'), 'x'.repeat(8192))],
    ])('refuses %s', async (_name, fill) => {
      const root = mkdtempSync(join(tmpdir(), 'foreign-'))
      fill(root)
      const before = readdirSync(root)
      const { openEngine } = await import('../../src/index.ts')
      await using other = await openEngine({ root, runRoot: join(sandbox.runRoot, 'other') })
      for (const dryRun of [true, false])
        await expect(other.system.reset({ dryRun })).rejects.toMatchObject({ code: 'ERR_ENGINE_ROOT_FOREIGN' })
      expect(readdirSync(root).filter((name) => name !== 'containers')).toEqual(before)
      rmSync(root, { recursive: true })
    })

    test('of nothing is nothing', async () => {
      const root = join(sandbox.root, '..', 'empty')
      const { openEngine } = await import('../../src/index.ts')
      await using other = await openEngine({ root, runRoot: join(sandbox.runRoot, 'other') })
      expect(await other.system.reset()).toMatchObject({ containers: 0, images: 0, volumes: 0 })
      expect(existsSync(root)).toBe(false)
    })

    function foreignDatabase(file: string): void {
      const database = new DatabaseSync(file)
      database.exec('PRAGMA application_id = 1234; CREATE TABLE mine (a)')
      database.close()
    }
  })
})
