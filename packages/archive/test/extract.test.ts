import { createSpecialFiles } from '@podwright/linux'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { createTarWriter, type ExtractOptions, extractLayer, type ExtractProgress, type ExtractResult } from '../src/index.ts'
import { inPieces, text } from './fixtures/collect.ts'
import { mount, needsRoot, temporaryDirectory } from './fixtures/directories.ts'
import { paxEntry, rawTar } from './fixtures/raw-tar.ts'

const special = createSpecialFiles()

async function extract(tar: Uint8Array, directory: string, options: ExtractOptions = {}): Promise<ExtractResult> {
  return extractLayer([tar], directory, { special, ...options })
}

function xattr(path: string, name: string): string | undefined {
  const value = special.getXattr(Buffer.from(path), Buffer.from(name))
  return value && text(value)
}

describe.skipIf(needsRoot)('bytes', () => {
  test('a capability with bytes above 0x7f on a file whose name is no UTF-8', async () => {
    const directory = temporaryDirectory()
    const capability = Buffer.from('0100000284ff0000000000000000000000000000', 'hex')
    const tar = createTarWriter()
      .add(
        {
          name: Buffer.from('n\xff\xfe', 'latin1'),
          uid: 1,
          gid: 2,
          mode: 0o4755,
          xattrs: [{ name: Buffer.from('security.capability'), value: capability }],
        },
        'x',
      )
      .finish()
    const result = await extract(tar, directory)
    expect(result.skipped).toEqual([])
    const [name] = readdirSync(directory, { encoding: 'buffer' })
    const path = Buffer.concat([Buffer.from(`${directory}/`), name!])
    expect(text(name!)).toBe('n\xff\xfe')
    expect(Buffer.from(special.getXattr(path, Buffer.from('security.capability'))!)).toEqual(capability)
    expect(lstatSync(path).mode & 0o7777).toBe(0o4755)
  })
})

describe('what is written', () => {
  test('digest, sizes and the root', async () => {
    const directory = join(temporaryDirectory(), 'a/b')
    const tar = createTarWriter()
      .add({ name: './', type: 'directory', mode: 0o750, modified: 5_000_000_000n })
      .add({ name: 'f' }, 'abc')
      .finish()
    const result = await extract(gzipSync(tar), directory)
    expect(result).toMatchObject({
      diffId: `sha256:${createHash('sha256').update(tar).digest('hex')}`,
      tarBytes: tar.length,
      sizeBytes: 3,
      entries: 2,
      whiteouts: 0,
      root: { mode: 0o750 },
      rootOpaque: false,
      skippedCount: 0,
      strippedXattrs: 0,
    })
    expect(statSync(directory).mode & 0o777).toBe(0o750)
    expect(statSync(directory).mtimeMs).toBe(5000)
  })

  test('the digest covers what follows the end of the archive', async () => {
    const tar = Buffer.concat([rawTar({}), Buffer.from('something else')])
    const result = await extract(tar, temporaryDirectory())
    expect(result.diffId).toBe(`sha256:${createHash('sha256').update(tar).digest('hex')}`)
  })

  test('times, to the nanosecond, before 1970 too', async () => {
    const directory = temporaryDirectory()
    const times = {
      whole: 1_700_000_000_000_000_000n,
      nanoseconds: 1_700_000_000_123_456_789n,
      before: -5_000_000_000n,
      odd: -1_500_000_001n,
    }
    const tar = createTarWriter().add({ name: 'd/', type: 'directory', modified: times.nanoseconds })
    for (const [name, modified] of Object.entries(times))
      tar.add({ name: `d/${name}`, modified }).add({ name: `d/l-${name}`, type: 'symlink', linkName: 'x', modified })
    await extract(tar.finish(), directory)
    const timeOf = (path: string): bigint => lstatSync(join(directory, path), { bigint: true }).mtimeNs
    for (const [name, modified] of Object.entries(times)) expect([timeOf(`d/${name}`), timeOf(`d/l-${name}`)]).toEqual([modified, modified])
    expect(timeOf('d')).toBe(times.nanoseconds)
  })

  describe.each([0o000, 0o022, 0o077])('with the umask %i', (umask) => {
    const before = process.umask()
    afterEach(() => void process.umask(before))

    test('modes are what the archive says', async () => {
      const directory = temporaryDirectory()
      process.umask(umask)
      const tar = createTarWriter()
      for (const mode of [0o777, 0o644, 0o1777, 0o400, 0o2755]) {
        tar
          .add({ name: `f${mode}`, mode, uid: process.getuid!(), gid: process.getgid!() })
          .add({ name: `d${mode}`, type: 'directory', mode, uid: process.getuid!(), gid: process.getgid!() })
      }
      await extract(tar.finish(), directory, { owners: 'archive' })
      for (const mode of [0o777, 0o644, 0o1777, 0o400, 0o2755]) {
        expect([statSync(join(directory, `f${mode}`)).mode & 0o7777, statSync(join(directory, `d${mode}`)).mode & 0o7777]).toEqual([
          mode,
          mode,
        ])
      }
    })
  })

  test('without the component, nanoseconds and attributes are left out and reported', async () => {
    const directory = temporaryDirectory()
    const xattrs = [{ name: Buffer.from('user.a'), value: Buffer.from('1') }]
    const tar = createTarWriter().add({ name: 'f', modified: 1_000_000_001n, xattrs }).finish()
    const result = await extractLayer([tar], directory)
    expect(result.skipped.map(({ what, detail }) => [what, detail])).toEqual([
      ['xattr', 'user.a'],
      ['nanoseconds', ''],
    ])
    expect(statSync(join(directory, 'f')).mtimeMs).toBe(1000)
    const fifo = createTarWriter().add({ name: 'p', type: 'fifo' }).finish()
    await expect(extractLayer([fifo], directory)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_SPECIAL_FILES' })
    expect(await extractLayer([fifo], directory, { devices: 'skip' })).toMatchObject({ skippedCount: 1 })
  })

  test("for the caller, no file lends its owner's rights", async () => {
    const directory = temporaryDirectory()
    await extract(createTarWriter().add({ name: 'f', mode: 0o6755, uid: 4242 }).finish(), directory, { owners: 'caller' })
    expect(statSync(join(directory, 'f'))).toMatchObject({ uid: process.getuid!(), mode: 0o100755 })
  })

  test('hard links, also to symbolic links and to itself', async () => {
    const directory = temporaryDirectory()
    const tar = createTarWriter()
      .add({ name: 'a/f' }, 'abc')
      .add({ name: 'g', type: 'hardlink', linkName: '/a/f' })
      .add({ name: 's', type: 'symlink', linkName: 'nowhere' })
      .add({ name: 't', type: 'hardlink', linkName: './s' })
      .add({ name: 'g', type: 'hardlink', linkName: 'g' })
      .finish()
    await extract(tar, directory)
    expect(statSync(join(directory, 'g')).ino).toBe(statSync(join(directory, 'a/f')).ino)
    expect(readlinkSync(join(directory, 't'))).toBe('nowhere')
  })

  test('a later entry takes the place of an earlier one, whatever it is', async () => {
    const directory = temporaryDirectory()
    const tar = createTarWriter()
      .add({ name: 'a/deep/file' }, '1')
      .add({ name: 'a' }, 'now a file')
      .add({ name: 'a/again' }, 'and a directory')
      .add({ name: 'l', type: 'symlink', linkName: 'a' })
      .add({ name: 'l', type: 'directory', mode: 0o700 })
      .add({ name: 'l/x' }, 'in the directory')
      .add({ name: 'l/x' }, 'twice')
      .finish()
    await extract(tar, directory)
    expect(readdirSync(join(directory, 'a'))).toEqual(['again'])
    expect(readFileSync(join(directory, 'l/x'), 'utf8')).toBe('twice')
  })

  test('what stands in the way before is replaced, a directory is kept', async () => {
    const directory = temporaryDirectory()
    mkdirSync(join(directory, 'kept/sub'), { recursive: true })
    mkdirSync(join(directory, 'file/sub'), { recursive: true })
    writeFileSync(join(directory, 'dir'), '')
    const tar = createTarWriter().add({ name: 'kept', type: 'directory' }).add({ name: 'file' }, 'x').add({ name: 'dir/x' }, 'y').finish()
    await extract(tar, directory)
    expect(readdirSync(join(directory, 'kept'))).toEqual(['sub'])
    expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('x')
    expect(readFileSync(join(directory, 'dir/x'), 'utf8')).toBe('y')
  })

  test('attributes of a directory that was there are those of the archive alone', async () => {
    const directory = temporaryDirectory()
    mkdirSync(join(directory, 'd'))
    special.setXattr(Buffer.from(join(directory, 'd')), Buffer.from('user.old'), Buffer.from('1'))
    const xattrs = [{ name: Buffer.from('user.new'), value: Buffer.from('2') }]
    await extract(createTarWriter().add({ name: 'd', type: 'directory', xattrs }).finish(), directory)
    expect([xattr(join(directory, 'd'), 'user.old'), xattr(join(directory, 'd'), 'user.new')]).toEqual([undefined, '2'])
  })

  test('a directory that is only implied is as in the layers below, if they have it', async () => {
    const lower = temporaryDirectory()
    const directory = temporaryDirectory()
    await extract(
      createTarWriter()
        .add({
          name: 'tmp',
          type: 'directory',
          mode: 0o1777,
          modified: 7_000_000_001n,
          xattrs: [{ name: Buffer.from('user.a'), value: Buffer.from('1') }],
        })
        .add({ name: 'link', type: 'symlink', linkName: '/etc' })
        .finish(),
      lower,
    )
    const tar = createTarWriter().add({ name: 'tmp/f' }).add({ name: 'new/f' }).add({ name: 'link/f' }).finish()
    await extract(tar, directory, { whiteouts: 'overlay', lowerDirectories: [lower] })
    const tmp = statSync(join(directory, 'tmp'), { bigint: true })
    expect([tmp.mode & 0o7777n, tmp.mtimeNs, xattr(join(directory, 'tmp'), 'user.a')]).toEqual([0o1777n, 7_000_000_001n, '1'])
    expect([statSync(join(directory, 'new')).mode & 0o7777, lstatSync(join(directory, 'link')).isDirectory()]).toEqual([0o755, true])
  })

  test('progress is told, and a listener that throws breaks nothing', async () => {
    const events: ExtractProgress[] = []
    const tar = createTarWriter()
      .add({ name: 'f' }, Buffer.alloc(10 << 20))
      .finish()
    const onProgress = (event: ExtractProgress): void => {
      events.push(event)
      throw new Error('no')
    }
    await extractLayer(inPieces(tar, 1 << 20), temporaryDirectory(), { onProgress })
    expect(events.length).toBeGreaterThan(2)
    expect(events.at(-1)).toEqual({ type: 'extract:progress', tarBytes: tar.length, entries: 1 })
  })

  test('an abort in the middle rejects with its reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const tar = createTarWriter()
      .add({ name: 'f' }, Buffer.alloc(20 << 20))
      .finish()
    const extraction = extractLayer(inPieces(tar, 1 << 20), temporaryDirectory(), {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })
    await expect(extraction).rejects.toBe(reason)
  })
})

describe.skipIf(needsRoot)('as root', () => {
  test('owners, through a mapping', async () => {
    const directory = temporaryDirectory()
    const tar = createTarWriter()
      .add({ name: 'd', type: 'directory', uid: 5, gid: 6 })
      .add({ name: 'd/f', uid: 7, gid: 8, mode: 0o6755 })
      .add({ name: 'd/l', type: 'symlink', linkName: 'x', uid: 9, gid: 10 })
      .finish()
    await extract(tar, directory, { mapOwner: (uid, gid) => [uid + 100_000, gid + 200_000] })
    const ownerOf = (path: string): [number, number] => [lstatSync(join(directory, path)).uid, lstatSync(join(directory, path)).gid]
    expect([ownerOf('d'), ownerOf('d/f'), ownerOf('d/l')]).toEqual([
      [100_005, 200_006],
      [100_007, 200_008],
      [100_009, 200_010],
    ])
    expect(statSync(join(directory, 'd/f')).mode & 0o7777).toBe(0o6755)
  })

  test.each([
    [4_294_967_295, 0],
    [0, 4_294_967_296],
  ])('the ids %i:%i, which chown takes for something else', async (uid, gid) => {
    const tar = createTarWriter().add({ name: 'f', uid, gid }).finish()
    await expect(extract(tar, temporaryDirectory())).rejects.toMatchObject({ code: 'ERR_ARCHIVE_OWNER' })
  })

  test('files in a setgid directory that was there have the group of the archive', async () => {
    const directory = temporaryDirectory()
    await extract(createTarWriter().add({ name: './', type: 'directory', gid: 33, mode: 0o2775 }).finish(), directory)
    await extract(createTarWriter().add({ name: 'f' }).add({ name: 'd', type: 'directory' }).add({ name: 'd/g' }).finish(), directory)
    for (const path of ['f', 'd', 'd/g']) expect(statSync(join(directory, path)).gid).toBe(0)
    expect(statSync(join(directory, 'd')).mode & 0o7777).toBe(0o755)
  })

  test('devices and FIFOs, made, refused or left out', async () => {
    const tar = createTarWriter()
      .add({ name: 'c', type: 'character', major: 1, minor: 3, mode: 0o666, gid: 5 })
      .add({ name: 'b', type: 'block', major: 259, minor: 70_000, mode: 0o660 })
      .add({ name: 'p', type: 'fifo', mode: 0o622 })
      .finish()
    const directory = temporaryDirectory()
    await extract(tar, directory)
    expect(lstatSync(join(directory, 'c'))).toMatchObject({ mode: 0o020666, rdev: 0x103, gid: 5 })
    expect(lstatSync(join(directory, 'b')).mode).toBe(0o060660)
    expect(lstatSync(join(directory, 'p')).mode).toBe(0o010622)
    await expect(extract(tar, temporaryDirectory(), { devices: 'refuse' })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DEVICE' })
    const skipping = temporaryDirectory()
    expect((await extract(tar, skipping, { devices: 'skip' })).skipped.map(({ name }) => text(name))).toEqual(['c', 'b'])
    expect(readdirSync(skipping)).toEqual(['p'])
  })

  test('a default ACL is not passed on to what is in the directory', async () => {
    const directory = temporaryDirectory()
    // user::rwx, user:1000:rwx, group::r-x, mask::rwx, other::r-x (linux/posix_acl_xattr.h)
    const acl = Buffer.from('0200000001000700ffffffff02000700e803000004000500ffffffff10000700ffffffff20000500ffffffff', 'hex')
    const xattrs = [{ name: Buffer.from('system.posix_acl_default'), value: acl }]
    await extract(createTarWriter().add({ name: 'd', type: 'directory', xattrs }).add({ name: 'd/f', mode: 0o644 }).finish(), directory)
    expect(Buffer.from(special.getXattr(Buffer.from(join(directory, 'd')), Buffer.from('system.posix_acl_default'))!)).toEqual(acl)
    expect(special.listXattrs(Buffer.from(join(directory, 'd/f')))).toEqual([])
    expect(statSync(join(directory, 'd/f')).mode & 0o777).toBe(0o644)
  })

  test('attributes by which overlay file systems mark their layers are stripped', async () => {
    const directory = temporaryDirectory()
    const names = ['trusted.overlay.opaque', 'user.overlay.redirect', 'user.fuseoverlayfs.opaque', 'trusted.kept', 'user.kept']
    const xattrs = names.map((name) => ({ name: Buffer.from(name), value: Buffer.from('y') }))
    const result = await extract(
      createTarWriter().add({ name: 'd', type: 'directory', xattrs }).add({ name: 'f', xattrs }).finish(),
      directory,
    )
    for (const path of ['d', 'f']) {
      expect(
        special
          .listXattrs(Buffer.from(join(directory, path)))
          .map(text)
          .toSorted(),
      ).toEqual(['trusted.kept', 'user.kept'])
    }
    expect(result.strippedXattrs).toBe(6)
    expect(result.skipped).toContainEqual({ name: expect.anything(), what: 'xattr', detail: 'trusted.overlay.opaque', reason: 'reserved' })
  })

  test('attributes that the file system has no place for are left out and reported', async () => {
    const directory = temporaryDirectory()
    const tar = rawTar(
      paxEntry([
        ['SCHILY.xattr.unknown.namespace', 'x'],
        ['SCHILY.xattr.user.fine', 'y'],
      ]),
      {},
    )
    expect((await extract(tar, directory)).skipped).toMatchObject([
      { what: 'xattr', detail: 'unknown.namespace', reason: expect.stringMatching(/^E(OP)?NOTSUPP?$/) },
    ])
  })

  test('a disk that fills up stops the extraction while the space to be kept is left', async () => {
    const directory = temporaryDirectory()
    mount(directory, 'tmpfs', 'size=64m')
    const bomb = gzipSync(
      createTarWriter()
        .add({ name: 'small' }, 'x')
        .add({ name: 'zeros' }, Buffer.alloc(80 << 20))
        .finish(),
    )
    await expect(extract(bomb, directory, { minFreeBytes: 16 << 20 })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DISK_LOW' })
    const many = createTarWriter()
    for (let index = 0; index < 80; index++) many.add({ name: `${index}` }, Buffer.alloc(1 << 20, 1))
    await expect(extract(many.finish(), directory, { minFreeBytes: 16 << 20 })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DISK_LOW' })
    expect(readdirSync(directory).length).toBeLessThan(60)
    await expect(extract(many.finish(), directory)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DISK_LOW', cause: { code: 'ENOSPC' } })
  })

  test('a disk without free inodes', async () => {
    const directory = temporaryDirectory()
    mount(directory, 'tmpfs', 'size=64m,nr_inodes=5000')
    const many = createTarWriter()
    for (let index = 0; index < 8000; index++) many.add({ name: `${index}` })
    await expect(extract(many.finish(), directory, { minFreeInodes: 1500 })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DISK_LOW' })
    expect(readdirSync(directory).length).toBeLessThan(4600)
  })
})
