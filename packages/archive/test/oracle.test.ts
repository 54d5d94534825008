import { createSpecialFiles } from '@podwright/linux'
import { createHash } from 'node:crypto'
import {
  closeSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createTarWriter, extractLayer, packTree } from '../src/index.ts'
import { collect } from './fixtures/collect.ts'
import { hasTool, needsRoot, run, temporaryDirectory } from './fixtures/directories.ts'
import { describeTree } from './fixtures/tree.ts'

const special = createSpecialFiles()

/** A tree with one of everything that a layer can have. */
function makeTree(): string {
  const root = temporaryDirectory()
  const at = (name: string): string => join(root, name)
  const setXattr = (name: string, key: string, value: string | Uint8Array): void =>
    special.setXattr(Buffer.from(at(name)), Buffer.from(key), Buffer.from(value as string))
  mkdirSync(at('etc'))
  mkdirSync(at('usr/bin'), { recursive: true })
  writeFileSync(at('etc/passwd'), 'root:x:0:0\n')
  writeFileSync(at('empty'), '')
  writeFileSync(at('big'), Buffer.alloc(3_000_000, 'big'))
  writeFileSync(Buffer.concat([Buffer.from(at('n')), Buffer.from([0xff, 0xfe])]), 'no UTF-8')
  writeFileSync(at('n\u00e4me'), 'UTF-8')
  mkdirSync(at('long'))
  writeFileSync(at(`long/${'x'.repeat(200)}`), 'a name for PAX')
  mkdirSync(at(`${'p'.repeat(90)}/${'q'.repeat(90)}`), { recursive: true })
  writeFileSync(at(`${'p'.repeat(90)}/${'q'.repeat(90)}/short`), 'a name for the prefix')
  symlinkSync('etc/passwd', at('link'))
  symlinkSync(`/${'t'.repeat(300)}`, at('long-link'))
  linkSync(at('etc/passwd'), at('usr/hard'))
  linkSync(at('link'), at('usr/hard-link'))
  special.mknod(Buffer.from(at('null')), 0o020666, 1, 3)
  special.mknod(Buffer.from(at('disk')), 0o060660, 8, 300)
  special.mknod(Buffer.from(at('pipe')), 0o010644, 0, 0)
  const sparse = openSync(at('sparse'), 'w')
  writeSync(sparse, 'data', 1 << 20)
  ftruncateSync(sparse, 3 << 20)
  closeSync(sparse)
  writeFileSync(at('usr/bin/ping'), '#!')
  run('chown', ['33:33', at('usr/bin/ping'), at('etc')])
  run('chown', ['-h', '1000:2000', at('link')])
  run('chmod', ['6755', at('usr/bin/ping')])
  run('chmod', ['1777', at('usr')])
  run('chmod', ['0', at('empty')])
  setXattr('usr/bin/ping', 'security.capability', Buffer.from('0100000284ff0000000000000000000000000000', 'hex'))
  setXattr('etc', 'user.bytes', Buffer.from([0, 1, 0x80, 0xff, 0x0a, 0x3d]))
  setXattr('etc/passwd', 'user.empty', '')
  setXattr('etc/passwd', 'trusted.t', 'x')
  utimesSync(at('etc/passwd'), 1, 1)
  lutimesSync(at('link'), 1_000_000_000, 1_000_000_000)
  special.setTimes(Buffer.from(at('big')), 1_234_567_890_123_456_789n)
  special.setTimes(Buffer.from(at('usr')), -1_500_000_000n)
  return root
}

describe.skipIf(needsRoot)('trees with one of everything', () => {
  test('packed and unpacked, a tree is the same', async () => {
    const tree = makeTree()
    const tar = await collect(packTree(tree, { special }))
    const copy = temporaryDirectory()
    const result = await extractLayer([tar], copy, { special })
    expect(result.skipped).toEqual([])
    expect(describeTree(copy)).toEqual(describeTree(tree))
    const again = await collect(packTree(copy, { special }))
    expect(again.equals(tar)).toBe(true)
    expect(result.diffId).toBe(`sha256:${createHash('sha256').update(again).digest('hex')}`)
  })

  test.each([
    ['PAX', ['--format=posix']],
    ['PAX, sparse', ['--format=posix', '--sparse']],
    ['PAX, sparse 0.0', ['--format=posix', '--sparse', '--sparse-version=0.0']],
  ])('what GNU tar packs as %s, we unpack', async (_, options) => {
    const tree = makeTree()
    const tar = run('tar', ['-C', tree, '--numeric-owner', '--xattrs', '--xattrs-include=*', ...options, '-cf', '-', '.'])
    const copy = temporaryDirectory()
    await extractLayer([gzipSync(tar)], copy, { special })
    expect(describeTree(copy)).toEqual(describeTree(tree))
  })

  test.each(['gnu', 'oldgnu'])('what GNU tar packs as %s, we unpack as GNU tar does', async (format) => {
    const tree = makeTree()
    const tar = run('tar', ['-C', tree, '--numeric-owner', '--sparse', `--format=${format}`, '-cf', '-', '.'])
    const copy = temporaryDirectory()
    await extractLayer([tar], copy, { special })
    const theirs = temporaryDirectory()
    const file = join(temporaryDirectory(), 'layer.tar')
    writeFileSync(file, tar)
    run('tar', ['-C', theirs, '--numeric-owner', '-xpf', file])
    expect(describeTree(copy)).toEqual(describeTree(theirs))
  })

  test('what we pack, GNU tar unpacks', async () => {
    const tree = makeTree()
    const file = join(temporaryDirectory(), 'layer.tar')
    writeFileSync(file, await collect(packTree(tree, { special })))
    const theirs = temporaryDirectory()
    run('tar', ['-C', theirs, '--numeric-owner', '--xattrs', '--xattrs-include=*', '-xpf', file])
    expect(describeTree(theirs)).toEqual(describeTree(tree))
  })

  // GNU tar writes names where it can, whatever --numeric-owner says; these ids have none.
  test.skipIf(!hasTool('setfacl'))('ACLs as GNU tar packs them', async () => {
    const tree = temporaryDirectory()
    mkdirSync(join(tree, 'd'))
    writeFileSync(join(tree, 'f'), '')
    run('setfacl', ['-m', 'u:1234567:rwx,u:765432:r--,g:2345678:r-x', join(tree, 'f')])
    run('setfacl', ['-m', 'u:1234567:rwx,d:u:1234567:rwx,d:g:765432:---', join(tree, 'd')])
    const tar = run('tar', ['-C', tree, '--numeric-owner', '--acls', '--format=posix', '-cf', '-', '.'])
    const copy = temporaryDirectory()
    expect((await extractLayer([tar], copy, { special })).skipped).toEqual([])
    expect(describeTree(copy)).toEqual(describeTree(tree))
    expect(describeTree(copy).join('\n')).toContain('system.posix_acl_default=')
  })

  test.skipIf(!hasTool('umoci'))('umoci unpacks the same tree from the same layers', async () => {
    const tree = makeTree()
    const lower = await collect(packTree(tree, { special }))
    const upper = createTarWriter()
      .add({ name: 'etc', type: 'directory', mode: 0o700, modified: 7_000_000_000n })
      .add({ name: 'etc/.wh.passwd' })
      .add({ name: 'usr', type: 'directory' })
      .add({ name: 'usr/.wh..wh..opq' })
      .add({ name: 'usr/new' }, 'new')
      .finish()
    const ours = temporaryDirectory()
    for (const layer of [lower, upper]) await extractLayer([layer], ours, { special })
    const theirs = join(unpackWithUmoci([lower, upper]), 'rootfs')
    expect(describeTree(theirs)).toEqual(describeTree(ours))
  })
})

/** Makes an image of these layers in a layout, as umoci does, and has it unpacked; the bundle's directory. */
function unpackWithUmoci(layers: readonly Uint8Array[]): string {
  const place = temporaryDirectory()
  const layout = join(place, 'layout')
  run('umoci', ['init', '--layout', layout])
  run('umoci', ['new', '--image', `${layout}:latest`])
  for (const [index, layer] of layers.entries()) {
    const file = join(place, `${index}.tar`)
    writeFileSync(file, layer)
    run('umoci', ['raw', 'add-layer', '--image', `${layout}:latest`, file])
  }
  run('umoci', ['unpack', '--image', `${layout}:latest`, join(place, 'bundle')])
  return join(place, 'bundle')
}
