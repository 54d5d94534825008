import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deleteTrees } from '../src/internal/trash.ts'
import { isRoot } from './fixtures/host.ts'
import { imageOf, opener, storeImage, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'
import { testExecutor } from './fixtures/test-executor.ts'

const base = tar([
  { name: 'tmp/', mode: 0o1777, modified: 1_000_000_000_000_000_000n },
  { name: 'home/', mode: 0o700, uid: 5, gid: 6 },
])
const middle = tar([{ name: 'tmp/x', content: 'x' }])
const top = tar([{ name: 'home/y', content: 'y' }])
const image = imageOf([base, middle, top])

// Layers that have `tmp/x` and no entry for `tmp/`, as some builders write them.
test.each(['in order', 'the topmost first'] as const)(
  'a directory that a layer implies is as the layers below have it; %s',
  async (order) => {
    using place = scratch()
    await using storage = await place.open({ unpackConcurrency: 1 })
    if (order === 'in order') await storeImage(storage, 'example.org/a:1', image)
    else {
      await using destination = await storage.destination('example.org/a:1')
      await destination.begin(image.manifest)
      for (const descriptor of [image.config, ...image.layers.toReversed()]) {
        await destination.putBlob(descriptor, opener(image.blobs.get(descriptor.digest) ?? new Uint8Array()))
      }
      await destination.putManifest(image.manifest)
      await destination.commit(image.manifest.descriptor)
    }
    const { rootfs } = await storage.prepareSnapshot('k', { image: image.config.digest })
    expect(modes(rootfs)).toEqual(['1777', '700'])
    expect(statSync(join(rootfs, 'tmp')).mtimeMs).toBe(1_000_000_000_000)
    if (isRoot) expect(statSync(join(rootfs, 'home'))).toMatchObject({ uid: 5, gid: 6 })
    expect(await storage.check({ full: true })).toMatchObject({ findings: [] })
    // A plain user can't look into a directory of another id of theirs.
    await deleteTrees(testExecutor, [place.path])
  },
)

function modes(rootfs: string): string[] {
  return ['tmp', 'home'].map((name) => (statSync(join(rootfs, name)).mode & 0o7777).toString(8))
}
