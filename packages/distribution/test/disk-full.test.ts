import { copyImage, openImageArchive, openImageArchiveWriter } from '@podwright/distribution'
import { spawnSync } from 'node:child_process'
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noise, testImage } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { allTransports } from './fixtures/places.ts'

const small = testImage({ layers: [noise(1000, 3)] })
const large = testImage({ layers: [noise(3_000_000)] })
const transports = allTransports()
let directory = ''
let isMounted = false

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'full-'))
  mkdirSync(join(directory, 'm'))
  isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', join(directory, 'm')]).status === 0
})
afterEach(() => {
  if (isMounted) spawnSync('umount', [join(directory, 'm')])
  rmSync(directory, { recursive: true, force: true })
})

test.for(['docker-archive:DIR/a.tar:a:1', 'oci-archive:DIR/a.tar:a', 'oci:DIR/l:a', 'dir:DIR/d'])(
  'a full disk is said so, and %s stays what it was',
  async (place, { skip }) => {
    skip(!isMounted, 'needs root, to mount a small file system')
    const name = place.replace('DIR', join(directory, 'm'))
    await copyTo(name, small)
    await expect(copyTo(name, large)).rejects.toMatchObject({ code: 'ERR_DISK_FULL', details: { systemCode: 'ENOSPC' } })
    await using source = await transports.openSource(name)
    const destination = memoryDestination()
    await copyImage(source, destination)
    expect(destination.blobs.has(small.config)).toBe(true)
  },
)

test('a temporary directory without space is said so, and nothing is left in it', async ({ skip }) => {
  skip(!isMounted, 'needs root, to mount a small file system')
  const temporaryDirectory = join(directory, 'm')
  const archive = join(directory, 'a.tar')
  await copyTo(`docker-archive:${archive}`, large)
  await expect(openImageArchive(createReadStream(archive), { temporaryDirectory })).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  await expect(copyImage(memorySource(large), memoryDestination(), { compression: 'none', temporaryDirectory })).rejects.toMatchObject({
    code: 'ERR_DISK_FULL',
  })
  await using writer = await openImageArchiveWriter(process.stderr, { temporaryDirectory })
  await expect(copyImage(memorySource(large), writer.destination())).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect(readdirSync(temporaryDirectory)).toEqual([])
})

test.for(['docker-archive:DIR/a.tar', 'oci:DIR/l', 'dir:DIR/d'])(
  'a file system that is read only is said so: %s',
  async (place, { skip }) => {
    skip(!isMounted, 'needs root, to mount a small file system')
    spawnSync('mount', ['-o', 'remount,ro', join(directory, 'm')])
    await expect(copyTo(place.replace('DIR', join(directory, 'm')), small)).rejects.toMatchObject({
      code: 'ERR_WRITE_FAILED',
      details: { systemCode: 'EROFS' },
    })
  },
)

async function copyTo(name: string, image: typeof small): Promise<void> {
  await using destination = await transports.openDestination(name)
  await copyImage(memorySource(image), destination)
}
