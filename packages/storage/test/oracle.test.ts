import { findTool, runTool } from '@podwright/linux'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { inProcessExecutor } from './fixtures/in-process-executor.ts'
import { imageOf, storeImage, tar, type TestImage, writeLayout } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'
import { isRoot } from './fixtures/host.ts'
import { treeOf } from './fixtures/tree.ts'

const missing = ['umoci', 'skopeo'].filter((tool) => findTool(tool) === undefined)
const reason = isRoot ? (missing.length > 0 ? `${missing.join(' and ')} not installed` : undefined) : 'owners can be compared as root only'
if (reason !== undefined) process.stderr.write(`skipped, trees compared with umoci's: ${reason}\n`)

/** A capability has bytes that are no UTF-8: cap_net_raw+ep. */
const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex')
const modified = 1_600_000_000_000_000_000n

/** Every way in which a layer changes the ones below. */
const layers: readonly Uint8Array[] = [
  tar([
    { name: './', mode: 0o755 },
    { name: 'etc/', modified },
    { name: 'etc/kept', content: 'base', modified, uid: 5, gid: 6 },
    { name: 'etc/deleted', content: 'base' },
    { name: 'etc/replaced', content: 'base', mode: 0o600 },
    { name: 'opaque/' },
    { name: 'opaque/old', content: 'base' },
    { name: 'opaque/sub/' },
    { name: 'opaque/sub/old', content: 'base' },
    { name: 'gone/' },
    { name: 'gone/deep/' },
    { name: 'gone/deep/file', content: 'base' },
    { name: 'dir-to-file/' },
    { name: 'dir-to-file/in', content: 'base' },
    { name: 'file-to-dir', content: 'base' },
    { name: 'dir-to-link/' },
    { name: 'dir-to-link/in', content: 'base' },
    { name: 'target', content: 'base' },
    { name: 'link-to-file', type: 'symlink', linkName: 'target' },
  ]),
  tar([
    { name: 'etc/', mode: 0o750, modified },
    { name: 'etc/.wh.deleted' },
    { name: 'etc/replaced', content: 'second', mode: 0o4755, uid: 33, gid: 33, modified },
    { name: 'opaque/', modified },
    { name: 'opaque/.wh..wh..opq' },
    { name: 'opaque/new', content: 'second', modified },
    { name: '.wh.gone' },
    { name: 'dir-to-file', content: 'second', modified },
    { name: 'file-to-dir/', modified },
    { name: 'file-to-dir/in', content: 'second', modified },
    { name: 'dir-to-link', type: 'symlink', linkName: 'etc' },
    { name: 'hard-1', content: 'linked', modified },
    { name: 'hard-2', type: 'hardlink', linkName: 'hard-1' },
    { name: 'ping', content: 'x', modified, xattrs: [{ name: Buffer.from('security.capability'), value: capability }] },
    { name: 'null', type: 'character', major: 1, minor: 3, modified },
    { name: 'pipe', type: 'fifo', modified },
  ]),
  tar([
    { name: 'gone/', modified },
    { name: 'gone/again', content: 'third', modified },
    { name: 'link-to-file', content: 'third', modified },
    { name: '.wh.target' },
  ]),
]

describe.skipIf(reason !== undefined)('a tree', () => {
  const place = scratch()
  afterAll(() => place[Symbol.dispose]())
  const image: TestImage = imageOf(layers)

  async function theirs(): Promise<readonly string[]> {
    writeLayout(join(place.path, 'made'), image)
    await runTool('skopeo', ['copy', `oci:${place.path}/made:latest`, `oci:${place.path}/layout:latest`])
    await runTool('umoci', ['unpack', '--image', `${place.path}/layout:latest`, join(place.path, 'bundle')])
    return treeOf(join(place.path, 'bundle/rootfs'))
  }

  test('equals the one that umoci unpacks', { timeout: 60_000 }, async () => {
    await using storage = await place.open({ root: join(place.path, 'vfs') })
    const id = await storeImage(storage, 'example.org/a:1', image)
    const { rootfs } = await storage.prepareSnapshot('k', { image: id })
    expect(await treeOf(rootfs)).toEqual(await theirs())
  })

  test('of overlay equals that of vfs', { timeout: 60_000 }, async (context) => {
    await using plain = await place.open({ root: join(place.path, 'vfs-2') })
    const expected = await treeOf((await plain.prepareSnapshot('k', { image: await storeImage(plain, 'example.org/a:1', image) })).rootfs)
    await using storage = await place.open({ root: join(place.path, 'overlay'), driver: 'overlay' }, { namespace: inProcessExecutor() })
    const id = await storeImage(storage, 'example.org/a:1', image).catch((error: unknown) => context.skip(String(error)))
    const { rootfs, mounts } = await storage.prepareSnapshot('k', { image: id })
    const [mount] = mounts
    await runTool('mount', ['-t', 'overlay', '-o', mount?.options.join(',') ?? '', 'overlay', rootfs], { cwd: mount?.workingDirectory })
    try {
      await expect(storage.removeSnapshot('k')).rejects.toMatchObject({ code: 'ERR_SNAPSHOT_MOUNTED' })
      expect(await treeOf(rootfs)).toEqual(expected)
      expect(readFileSync(join(rootfs, 'hard-2'), 'utf8')).toBe('linked')
    } finally {
      await runTool('umount', [rootfs])
    }
    await storage.removeSnapshot('k')
  })
})
