import type { ContainerOptions, Engine } from '@podwright/contracts'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { cannotRun, storeBusybox } from '../support/busybox.ts'
import { type EngineSandbox, eventually, openSandbox } from '../support/sandbox.ts'

if (cannotRun !== undefined) process.stdout.write(`skipped: real containers: ${cannotRun}\n`)

const image = 'localhost/volumes'

describe.skipIf(cannotRun !== undefined)('a container’s volumes', () => {
  let sandbox: EngineSandbox
  let engine: Engine
  beforeAll(async () => {
    sandbox = await openSandbox()
    engine = sandbox.engine
    await storeBusybox(sandbox.root, sandbox.runRoot, {
      name: `${image}:latest`,
      config: { Volumes: { '/data': {} }, User: 'web' },
      entries: [
        { name: 'data/', type: 'directory', mode: 0o2750, uid: 1000, gid: 1001 },
        { name: 'data/file', mode: 0o640, uid: 1000, gid: 1001, content: 'from the image\n' },
        { name: 'srv/', type: 'directory' },
      ],
    })
  })
  afterEach(async () => {
    for (const { id } of await engine.containers.list({ all: true })) await engine.containers.remove(id, { force: true })
    await engine.volumes.prune({ filter: () => true })
    const left = await engine.volumes.list()
    if (left.length > 0) throw new Error(`volumes are left: ${left.map(({ name }) => name).join(', ')}`)
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  async function make(script: string, options: Partial<ContainerOptions> = {}): Promise<string> {
    return (await engine.containers.create({ image, network: 'none', command: ['sh', '-c', script], ...options })).id
  }

  async function run(script: string, options: Partial<ContainerOptions> = {}): Promise<string> {
    const chunks: Buffer[] = []
    const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()) })
    const id = await make(script, options)
    await engine.containers.start(id, { streams: { stdout, stderr: stdout } })
    return Buffer.concat(chunks).toString().trim()
  }

  const named = (source: string, target: string, more: object = {}): Partial<ContainerOptions> => ({
    mounts: [{ type: 'volume', source, target, ...more }],
  })

  test('of the image are anonymous, and have what the image has there', async () => {
    expect(await run('stat -c "%a %u:%g" /data; cat /data/file; touch /data/mine && echo wrote')).toBe(
      '2750 1000:1001\nfrom the image\nwrote',
    )
    const [volume, ...others] = await engine.volumes.list()
    expect(others).toEqual([])
    expect(volume).toMatchObject({ anonymous: true, needsCopyUp: false, driver: 'local' })
    expect(readdirSync(volume?.path ?? '').toSorted()).toEqual(['file', 'mine'])
    const [container] = await engine.containers.list({ all: true })
    expect(volume?.holders).toEqual([container?.id])
    const { volumes } = await engine.containers.inspect(container?.id ?? '')
    expect(volumes).toEqual([{ name: volume?.name, driver: 'local', path: volume?.path, target: '/data' }])
  })

  test('by name are made, kept, and seen by all', async () => {
    await run('echo one > /data/one', named('shared', '/data'))
    expect(await run('cat /data/file /data/one', named('shared', '/data'))).toBe('from the image\none')
    expect(await run('touch /data/x || echo refused', named('shared', '/data', { readOnly: true }))).toContain('refused')
    expect(await engine.volumes.inspect('shared')).toMatchObject({ anonymous: false, needsCopyUp: false })
    expect((await engine.volumes.list()).map(({ name }) => name)).toEqual(['shared'])
  })

  test('stay empty with noCopy, and where the image has nothing', async () => {
    expect(await run('ls -A /data', named('bare', '/data', { volume: { noCopy: true } }))).toBe('')
    expect(await run('ls -A /new; stat -c %u:%g /new', named('new', '/new'))).toBe('0:0')
  })

  test('go with a container that is removed at its end, the anonymous ones alone', async () => {
    const mounts = [
      { type: 'volume', source: 'kept', target: '/kept' },
      { type: 'volume', target: '/nameless' },
    ] as const
    await run('true', { mounts, autoRemove: true })
    expect((await engine.volumes.list()).map(({ name }) => name)).toEqual(['kept'])
  })

  test('stay when a container is removed, or go when they were asked to', async () => {
    const first = await make('true')
    await engine.containers.remove(first)
    expect(await engine.volumes.list()).toHaveLength(1)
    await engine.volumes.prune()
    const second = await make('true', named('named', '/named'))
    expect(await engine.volumes.list()).toHaveLength(2)
    await engine.containers.remove(second, { volumes: true })
    expect((await engine.volumes.list()).map(({ name }) => name)).toEqual(['named'])
  })

  test('are not removed while a container has them; by force with it', async () => {
    const id = await make('sleep 100', named('busy', '/busy'))
    await expect(engine.volumes.remove('busy')).rejects.toMatchObject({ code: 'ERR_VOLUME_IN_USE', details: { holders: [id] } })
    await engine.containers.start(id)
    await expect(engine.volumes.remove('busy')).rejects.toMatchObject({ code: 'ERR_VOLUME_IN_USE' })
    expect(await engine.volumes.prune({ filter: () => true })).toEqual({ volumes: [], freedBytes: 0 })
    expect(await engine.volumes.remove('busy', { force: true })).toBe('busy')
    expect(await engine.containers.list({ all: true })).toEqual([])
  })

  test('come from another container, and its own come first', async () => {
    const host = join(sandbox.root, 'host')
    writeFileSync(host, 'from the host\n')
    await make('true', {
      name: 'giver',
      mounts: [
        { type: 'volume', source: 'given', target: '/given' },
        { type: 'bind', source: host, target: '/host' },
        { type: 'tmpfs', target: '/memory' },
      ],
    })
    const volumesFrom = [{ container: 'giver', readOnly: true }]
    const script =
      'cat /data/file /host; for d in /given /data; do touch $d/x 2>/dev/null || echo ro; done; ls -d /memory 2>/dev/null || echo none'
    expect(await run(script, { volumesFrom, user: '0' })).toBe('from the image\nfrom the host\nro\nro\nnone')
    expect(await run('touch /given/y && ls /given', { volumesFrom, user: '0', ...named('own', '/given') })).toBe('y')
    await engine.containers.remove('giver', { volumes: true })
    expect((await engine.volumes.list()).filter(({ anonymous }) => anonymous)).toHaveLength(1)
  })

  test('in memory are shared while somebody runs, and gone with the last', async () => {
    const volume = { options: { type: 'tmpfs', o: 'size=1m,mode=1777' } }
    const first = await make('echo x > /memory/x; sleep 100', named('memory', '/memory', { volume }))
    await engine.containers.start(first)
    const read = (): Promise<string> => run('cat /memory/x 2>/dev/null || echo empty', named('memory', '/memory', { volume }))
    expect(await eventually(read, (text) => text === 'x')).toBe('x')
    await engine.containers.stop(first, { timeoutSeconds: 0 })
    expect(await read()).toBe('empty')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(join(sandbox.root, 'volumes'))
  })

  test('that can’t be mounted fail the start, and leave the container to be removed', async () => {
    const id = await make('true', named('bad', '/bad', { volume: { options: { device: '/nowhere/at/all', o: 'bind' } } }))
    await expect(engine.containers.start(id)).rejects.toMatchObject({ code: 'ERR_VOLUME_MOUNT' })
    expect((await engine.containers.inspect(id)).state.status).toBe('created')
    await expect(make('true', named('worse', '/worse', { volume: { options: { nonsense: '' } } }))).rejects.toMatchObject({
      code: 'ERR_VOLUME_OPTION',
    })
    expect((await engine.containers.list({ all: true })).map((container) => container.id)).toEqual([id])
    expect((await engine.volumes.list()).filter(({ holders }) => holders.length === 0)).toEqual([])
  })

  test('that are gone are an error, not an empty directory', async () => {
    const id = await make('true', named('lost', '/lost'))
    await engine.containers.start(id, { streams: {} })
    for (const path of ['.volume.json']) expect(existsSync(join(sandbox.root, 'volumes/lost', path))).toBe(true)
    rmSync(join(sandbox.root, 'volumes/lost'), { recursive: true })
    await expect(engine.containers.start(id)).rejects.toMatchObject({ code: 'ERR_VOLUME_NOT_FOUND' })
  })

  test('are made at the first start when the creation was cut short', async () => {
    const id = await make('cat /data/file', named('late', '/data'))
    rmSync(join(sandbox.root, 'containers', id, 'volumes-prepared'))
    rmSync(join(sandbox.root, 'volumes/late'), { recursive: true })
    expect(await engine.containers.start(id, { streams: {} })).toEqual({ type: 'exited', exitCode: 0 })
  })

  test('are given to the user of the container, and so are directories of the host', async () => {
    const host = join(sandbox.root, 'mine')
    mkdirSync(join(host, 'deep'), { recursive: true })
    const mounts = [
      { type: 'volume', source: 'mine', target: '/mine', changeOwner: true },
      { type: 'bind', source: host, target: '/host', changeOwner: true },
    ] as const
    expect(await run('stat -c %u:%g /mine /host/deep; touch /mine/x && echo wrote', { mounts, user: '1234:1235' })).toBe(
      '1234:1235\n1234:1235\nwrote',
    )
    expect(statSync(host).uid).toBe(1234)
    const usr = await make('true', { mounts: [{ type: 'bind', source: '/usr', target: '/host', changeOwner: true }] })
    await expect(engine.containers.start(usr)).rejects.toThrow(/the system needs it as it is/)
  })

  test('of the image become memory, or nothing, when they are asked to', async () => {
    expect(await run('stat -fc %T /data; ls /data', { imageVolumes: 'tmpfs' })).toMatch(/tmpfs\nfile$/)
    expect(await run('cat /data/file', { imageVolumes: 'ignore' })).toBe('from the image')
    expect(await engine.volumes.list()).toEqual([])
  })
})
