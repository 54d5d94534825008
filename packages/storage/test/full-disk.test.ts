import { runTool } from '@podwright/linux'
import type { Digest } from '@podwright/oci'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code, contents, empty } from './fixtures/assertions.ts'
import { isRoot } from './fixtures/host.ts'
import { imageOf, smallImage, storeImage, tar } from './fixtures/image.ts'
import { type Scratch, scratch } from './fixtures/scratch.ts'

const reason = isRoot ? undefined : 'only root may mount a small file system here'
if (reason !== undefined) process.stderr.write(`skipped, full disks: ${reason}\n`)

/** A storage on a file system of a few MiB. */
async function onSmallDisk(sizeMiB: number, work: (place: Scratch, root: string) => Promise<void>): Promise<void> {
  using place = scratch()
  const disk = join(place.path, 'disk')
  mkdirSync(disk)
  await runTool('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', disk])
  try {
    await work(place, join(disk, 'root'))
  } finally {
    await runTool('umount', ['--lazy', disk])
  }
}

const mebibyte = 2 ** 20
const incompressible = imageOf([tar([{ name: 'big', content: randomBytes(6 * mebibyte) }])])
const bomb = imageOf([tar([{ name: 'zeros', content: Buffer.alloc(32 * mebibyte, 1) }])])

describe.skipIf(reason !== undefined)('on a full disk', () => {
  test.each([
    ['a blob', 4, 0, incompressible],
    ['a layer', 8, 0, bomb],
    ['a layer beside its blob', 14, 0, incompressible],
    ['what is to be kept free, for a blob', 64, 60 * mebibyte, incompressible],
    ['what is to be kept free, for a layer', 64, 40 * mebibyte, bomb],
  ])('%s ends with a code, and leaves nothing', async (_, sizeMiB, minFreeBytes, image) => {
    await onSmallDisk(sizeMiB, async (place, root) => {
      await using storage = await place.open({ root, minFreeBytes })
      // With the first transaction some space is set aside, where there is any.
      await (await storage.lease())[Symbol.asyncDispose]()
      const before = freeBytes(root)
      await expect(storeImage(storage, 'example.org/a:1', image)).rejects.toSatisfy(code('ERR_STORAGE_FULL'))
      expect(storage.listImages()).toEqual([])
      await storage.collectGarbage({ minAgeMs: 0 })
      expect(contents(root)).toEqual(empty)
      expect(before - freeBytes(root)).toBeLessThan(mebibyte)
      // And it goes on working.
      if (minFreeBytes === 0) await storeImage(storage, 'example.org/small:1', smallImage('x'))
    })
  })

  test('a snapshot ends with a code, and leaves nothing', async () => {
    await onSmallDisk(16, async (place, root) => {
      await using storage = await place.open({ root })
      const image = await storeImage(
        storage,
        'example.org/a:1',
        imageOf([tar([{ name: 'zeros', content: Buffer.alloc(10 * mebibyte, 1) }])]),
      )
      await expect(storage.prepareSnapshot('k', { image })).rejects.toSatisfy(code('ERR_STORAGE_FULL'))
      expect(contents(root)).toMatchObject({ snapshots: 0, trash: 0 })
      expect(storage.listSnapshots()).toEqual([])
    })
  })

  test('images, snapshots and leases can be removed, one after the other', async () => {
    await onSmallDisk(32, async (place, root) => {
      await using storage = await place.open({ root, minFreeBytes: 0 })
      const images: Digest[] = []
      for (const name of ['a', 'b', 'c']) images.push(await storeImage(storage, `example.org/${name}:1`, smallImage(name)))
      await storage.prepareSnapshot('k', { image: images[0] })
      const lease = await storage.lease()
      const steps: readonly (() => PromiseLike<unknown>)[] = [
        () => storage.removeSnapshot('k'),
        () => storage.removeName('example.org/a:1'),
        () => storage.untagImage(images[1]!, ['example.org/b:1']),
        () => storage.removeImage(images[1]!),
        () => storage.pruneImages({ select: () => true }),
        () => lease[Symbol.asyncDispose](),
        () => storage.collectGarbage({ minAgeMs: 0 }),
      ]
      for (const [index, step] of steps.entries()) {
        const filler = join(root, `filler-${index}`)
        // Every byte, down to the last page.
        for (const piece of [mebibyte, 4096]) expect(() => fill(filler, piece)).toThrow('ENOSPC')
        expect(freeBytes(root)).toBe(0)
        await step()
      }
      expect([storage.listImages(), storage.listSnapshots()]).toEqual([[], []])
      expect(contents(root)).toEqual(empty)
    })
  })

  test('a lease can be given back, and is gone with the next sweep', async () => {
    await onSmallDisk(8, async (place, root) => {
      await using storage = await place.open({ root })
      const lease = await storage.lease()
      const filler = join(root, 'filler')
      expect(() => writeFileSync(filler, Buffer.alloc(8 * mebibyte))).toThrow('ENOSPC')
      await lease[Symbol.asyncDispose]()
      rmSync(filler)
      await storage.collectGarbage({ minAgeMs: 0 })
      expect(contents(root)).toEqual(empty)
    })
  })
})

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

function fill(path: string, pieceBytes: number): never {
  for (;;) appendFileSync(path, Buffer.alloc(pieceBytes))
}
