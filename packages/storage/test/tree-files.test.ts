import { createTarWriter, readTar } from '@podwright/archive'
import type { NamespaceExecutor, TreeFiles, TreePlace } from '@podwright/contracts'
import { readProcessStat } from '@podwright/linux'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTreeFiles } from '../src/tree-files/open-tree-files.ts'
import { endNamespaces, hostExecutor, isRoot, whyNoNamespace } from './fixtures/host.ts'
import { inProcessExecutor } from './fixtures/in-process-executor.ts'
import { bytes } from './fixtures/volumes.ts'

let home: string
let namespace: NamespaceExecutor
let reason: string | undefined

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pw-tree-'))
  chmodSync(home, 0o755)
  namespace = hostExecutor(home)
  reason = await whyNoNamespace(namespace)
})
afterAll(async () => {
  await endNamespaces(home)
  rmSync(home, { recursive: true, force: true })
})
beforeEach((context) => context.skip(reason !== undefined, reason))

const runRoot = (): string => join(home, 'run')
const open = (place: TreePlace): Promise<TreeFiles> => openTreeFiles({ namespace, runRoot: runRoot(), minFreeBytes: 0 }, place, {})

/** A directory with a file, links that lead up and away, and a secret beside it. */
function makeTree(): { readonly path: string; readonly place: Extract<TreePlace, { type: 'mounts' }> } {
  const outer = mkdtempSync(join(home, 'tree-'))
  const path = join(outer, 'root')
  mkdirSync(join(path, 'etc'), { recursive: true })
  writeFileSync(join(path, 'etc/conf'), 'inside')
  writeFileSync(join(outer, 'secret'), 'outside')
  symlinkSync(join(outer, 'secret'), join(path, 'away'))
  symlinkSync('../../../../../../../etc/conf', join(path, 'etc/up'))
  symlinkSync(outer, join(path, 'outer'))
  symlinkSync('/nowhere/at/all', join(path, 'broken'))
  symlinkSync('/etc', join(path, 'link'))
  return { path, place: { type: 'mounts', mounts: [], rootfs: path, binds: [] } }
}

async function contentOf(files: TreeFiles, path: string, followLink = true): Promise<string> {
  const found: string[] = []
  for await (const entry of readTar(files.read(path, { followLink }))) {
    let content = ''
    for await (const chunk of entry.content) content += Buffer.from(chunk)
    found.push(`${Buffer.from(entry.name)}=${content}${Buffer.from(entry.linkName)}`)
  }
  return found.join(' ')
}

const tar = (name: string, content: string): AsyncIterable<Uint8Array> =>
  bytes(createTarWriter().add({ name, uid: 1234, gid: 1234, mode: 0o4755 }, content).finish())

describe('a directory', () => {
  test('stat tells what is there, and where links lead, in the tree', async () => {
    const { place } = makeTree()
    await using files = await open(place)
    expect(await files.stat('/etc/conf')).toMatchObject({ path: '/etc/conf', type: 'file', sizeBytes: 6 })
    expect(await files.stat('link/up')).toMatchObject({ path: '/etc/up', type: 'symlink', linkTarget: '/etc/conf' })
    expect(await files.stat('/link/')).toMatchObject({ path: '/etc', type: 'directory' })
    expect(await files.stat('/broken')).toMatchObject({ type: 'symlink', linkTarget: '/nowhere/at/all' })
    expect(await files.stat('/')).toMatchObject({ path: '/', type: 'directory' })
    for (const missing of ['/broken/', '/etc/conf/', '/etc/conf/x', '/none']) expect(await files.stat(missing)).toBeUndefined()
    expect(await files.stat('/away', { followLink: true })).toBeUndefined()
  })

  test('nothing is read from outside of it', async () => {
    const { place } = makeTree()
    await using files = await open(place)
    expect(await contentOf(files, '/etc/up')).toBe('up=inside')
    expect(await contentOf(files, '/../../etc/conf')).toBe('conf=inside')
    for (const path of ['/away', '/outer/secret', '/outer/'])
      await expect(contentOf(files, path)).rejects.toMatchObject({ code: 'ERR_TREE_PATH' })
    expect(await contentOf(files, '/away', false)).toMatch(/^away=.*secret$/)
  })

  test('nothing is written outside of it', async () => {
    const { path, place } = makeTree()
    await using files = await open(place)
    await files.write('/link', tar('new', 'written'))
    expect(readFileSync(join(path, 'etc/new'), 'utf8')).toBe('written')
    await expect(files.write('/outer', tar('new', ''))).rejects.toMatchObject({ code: 'ERR_TREE_PATH' })
    await files.write('/', tar('outer/new', 'in the tree'), { overwrite: true })
    expect(readdirSync(join(path, '..')).toSorted()).toEqual(['root', 'secret'])
    await expect(files.write('/', tar('../new', ''))).rejects.toMatchObject({ code: 'ERR_ARCHIVE_UNSAFE_PATH' })
  })

  test('a link that was put in the way of what is bound leads nowhere', async () => {
    const { place } = makeTree()
    const data = mkdtempSync(join(home, 'data-'))
    mkdirSync(join(data, 'part'))
    writeFileSync(join(data, 'part/file'), 'bound')
    symlinkSync(home, join(data, 'away'))
    const bind = { target: '/part', readOnly: false, missingTarget: 'make', within: data } as const
    {
      await using files = await open({ ...place, binds: [{ ...bind, source: join(data, 'part') }] })
      expect(await contentOf(files, '/part/.')).toBe('./= file=bound')
    }
    await expect(open({ ...place, binds: [{ ...bind, source: join(data, 'away') }] })).rejects.toMatchObject({ code: 'ERR_TREE_PATH' })
  })

  test('what is bound into it is seen in its place, made where it is missing, and read-only if it is said so', async () => {
    const { path, place } = makeTree()
    const data = mkdtempSync(join(home, 'data-'))
    writeFileSync(join(data, 'file'), 'bound')
    const bind = { source: data, readOnly: false, missingTarget: 'make' } as const
    const binds = [
      { ...bind, target: '/link' },
      { ...bind, target: '/deep/er', readOnly: true },
      { ...bind, target: '/one', source: join(data, 'file') },
      { ...bind, target: '/skipped', missingTarget: 'skip' },
    ] as const
    {
      await using files = await open({ ...place, binds })
      expect(await contentOf(files, '/etc/file')).toBe('file=bound')
      expect(await contentOf(files, '/deep/er/.')).toBe('./= file=bound')
      await files.write('/etc', tar('new', 'through'))
      await files.write('/', tar('one', 'changed'))
      await expect(files.write('/deep/er', tar('new', ''))).rejects.toMatchObject({ code: 'ERR_TREE_READ_ONLY' })
    }
    expect(readFileSync(join(data, 'new'), 'utf8')).toBe('through')
    expect(readFileSync(join(data, 'file'), 'utf8')).toBe('changed')
    expect(existsSync(join(path, 'skipped'))).toBe(false)
    expect(readdirSync(join(path, 'etc')).toSorted()).toEqual(['conf', 'up'])
    {
      await using files = await open({ ...place, binds: [{ ...bind, target: '/etc' }], readOnly: true })
      await expect(files.write('/', tar('new', ''))).rejects.toMatchObject({ code: 'ERR_TREE_READ_ONLY' })
      await files.write('/etc', tar('more', 'bound for writing'))
    }
    expect(existsSync(join(path, 'new'))).toBe(false)
  })

  test('whose files are, and what becomes of a directory that is there', async () => {
    const { path, place } = makeTree()
    await using files = await open(place)
    await files.write('/etc', tar('plain', 'x'))
    await files.write('/', bytes(createTarWriter().add({ name: 'etc', type: 'directory', mode: 0o700 }).finish()))
    await files.write('/etc', bytes(createTarWriter().add({ name: 'mine', mode: 0o4755 }, 'x').finish()), { owners: 'archive' })
    const modeOf = async (name: string): Promise<string> => ((await files.stat(name))!.mode & 0o7777).toString(8)
    expect([await modeOf('/etc/plain'), await modeOf('/etc/mine'), await modeOf('/etc')]).toEqual(['755', '4755', '755'])
    await files.write('/', bytes(createTarWriter().add({ name: 'etc', type: 'directory', mode: 0o700 }).finish()), {
      existingDirectories: 'become',
    })
    expect(await modeOf('/etc')).toBe('700')
    chmodSync(join(path, 'etc'), 0o755)
  })

  test('whoever stops reading or writing leaves nothing behind', async () => {
    const { path, place } = makeTree()
    writeFileSync(join(path, 'large'), Buffer.alloc(8 << 20))
    await using files = await open(place)
    for await (const _ of files.read('/large')) break
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(512)
      throw new Error('the source failed')
    }
    await expect(files.write('/', failing())).rejects.toThrow('the source failed')
    const controller = new AbortController()
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield createTarWriter().add({ name: 'x' }, 'x').finish()
      controller.abort(new Error('called off'))
      yield Buffer.alloc(512)
    }
    await expect(files.write('/', endless(), { signal: controller.signal })).rejects.toThrow('called off')
    expect(await contentOf(files, '/etc/conf')).toBe('conf=inside')
    await files[Symbol.asyncDispose]()
    expect(readdirSync(runRoot())).toEqual([])
  })

  test('an executor that works in this very process is refused', async () => {
    const { place } = makeTree()
    const inside = { namespace: inProcessExecutor(), runRoot: runRoot(), minFreeBytes: 0 }
    await expect(openTreeFiles(inside, place, {})).rejects.toThrow(/by a worker only/)
  })
})

describe('the root of a process', () => {
  let child: ChildProcess
  let tree: ReturnType<typeof makeTree>

  beforeAll(async () => {
    if (!isRoot) return
    tree = makeTree()
    // chroot(8) wants a program in there.
    const script = `const { changeRoot } = await import(${JSON.stringify(join(import.meta.dirname, '../../linux/src/index.ts'))})
      const fs = await import('node:fs')
      changeRoot(${JSON.stringify(tree.path)})
      fs.mkdirSync('/swap'); fs.writeFileSync('/swap/secret', 'inside')
      console.log('ready')
      for (;;) {
        // Somebody who writes in there meanwhile may make it anew.
        try {
          fs.renameSync('/swap', '/real'); fs.symlinkSync(${JSON.stringify(join(tree.path, '..'))}, '/swap')
          fs.unlinkSync('/swap'); fs.renameSync('/real', '/swap')
        } catch {
          fs.rmSync('/swap', { recursive: true, force: true }); if (fs.existsSync('/real')) fs.renameSync('/real', '/swap')
        }
      }`
    child = spawn(process.execPath, ['-C', '@podwright/source', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout!, 'data')
  })
  afterAll(async () => {
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  beforeEach((context) => context.skip(!isRoot, 'needs root'))

  test('a link that is put in the way again and again leads nowhere else', { timeout: 150_000 }, async () => {
    const startTime = readProcessStat(child.pid!)!.startTime
    await using files = await open({ type: 'process', pid: child.pid!, startTime })
    const seen = new Set<string | undefined>()
    // On a busy machine, whoever swaps may stand still with nothing in that place.
    const deadline = Date.now() + 120_000
    for (let round = 0; round < 40 || (!seen.has('6') && Date.now() < deadline); round++) {
      await sleep(5)
      const found = await files.stat('/swap/secret').catch((error: unknown) => error)
      seen.add(JSON.stringify((found as { sizeBytes?: number } | undefined)?.sizeBytes))
    }
    for (let round = 0; round < 4; round++) {
      await files.write('/swap', tar(`new-${round}`, 'x')).catch(() => undefined)
      await contentOf(files, '/swap/secret').then(
        (content) => seen.add(content),
        () => undefined,
      )
    }
    // 6 bytes are inside, 7 outside; what is gone when it is looked at is nothing.
    expect(seen).toContain('6')
    expect([...seen].filter((each) => each === '7' || each?.includes('outside') === true)).toEqual([])
    expect(readdirSync(join(tree.path, '..')).toSorted()).toEqual(['root', 'secret'])
  })

  test('its /proc, from whose links ways lead out, is not there', async () => {
    mkdirSync(join(tree.path, 'processes'))
    // Before anybody runs it: a program that is still written to is busy.
    writeFileSync(join(tree.path, 'sleep'), readFileSync(execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()), {
      mode: 0o755,
    })
    const mounts = spawn(
      'unshare',
      [
        '--mount',
        'sh',
        '-c',
        `mount -t proc proc ${tree.path}/processes && mount -t proc proc ${tree.path}/processes && echo up && exec chroot ${tree.path} /sleep 1000`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    await once(mounts.stdout, 'data')
    try {
      while (!existsSync(`/proc/${mounts.pid}/root/sleep`)) await sleep(5)
      expect(existsSync(`/proc/${mounts.pid}/root/processes/${process.pid}/root/etc`)).toBe(true)
      await using files = await open({ type: 'process', pid: mounts.pid!, startTime: readProcessStat(mounts.pid!)!.startTime })
      expect(await files.stat('/processes')).toMatchObject({ type: 'directory' })
      expect(await files.stat(`/processes/${process.pid}`)).toBeUndefined()
      expect(existsSync(`/proc/${process.pid}/root`)).toBe(true)
      expect(existsSync(`/proc/${mounts.pid}/root/processes/1`)).toBe(true)
    } finally {
      mounts.kill('SIGKILL')
      await once(mounts, 'exit')
    }
  })

  test('another process of the same number is none', async () => {
    const startTime = readProcessStat(child.pid!)!.startTime + 1
    await expect(open({ type: 'process', pid: child.pid!, startTime })).rejects.toMatchObject({ code: 'ERR_TREE_PROCESS_GONE' })
  })
})
