import type { ImageSource } from '@podwright/contracts'
import { copyImage, inspectImage, inspectionRecord, openImageArchive, openImageArchiveWriter } from '@podwright/distribution'
import { type ImageConfig, parseImageConfig } from '@podwright/oci'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DockerEngine, dockerMissing, startDocker } from './fixtures/docker-engine.ts'
import type { TestImage } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { missing } from './fixtures/missing.ts'
import { allTransports } from './fixtures/places.ts'
import { realImage } from './fixtures/real-image.ts'
import { skopeoMissing } from './fixtures/skopeo.ts'

let directory: string
const at = (...parts: readonly string[]): string => join(directory, ...parts)
const image = realImage({ seed: 'peer', repeated: true })
const other = realImage({ seed: 'other', format: 'docker', compression: 'zstd' })
const transports = allTransports()

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'peers-'))
  for (const place of [
    'docker-archive:ours.tar:ours/image:1',
    'oci-archive:ours.oci.tar:ours/image:1',
    'dir:ours.dir',
    'oci:ours.oci:ours/image:1',
  ]) {
    await put(image, place)
  }
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const places = ['docker-archive:X.tar:ours/image:1', 'oci-archive:X.oci.tar:ours/image:1', 'dir:X.dir', 'oci:X.oci:ours/image:1']

describe.skipIf(skopeoMissing)('skopeo', () => {
  const skopeo = (...args: readonly string[]): string => execFileSync('skopeo', args, { cwd: directory, encoding: 'utf8' })

  test.each(places)('reads our %s, and we read its copy', async (place) => {
    const [ours, theirs] = [place.replace('X', 'ours'), place.replace('X', 'skopeo')]
    skopeo('copy', '-q', ours, theirs)
    expect(await contents(theirs)).toEqual(unpacked(image))
  })

  test.each(places)('sees in our %s what we see', async (place) => {
    const ours = place.replace('X', 'ours')
    const theirs = JSON.parse(skopeo('inspect', ours)) as Record<string, unknown>
    await using source = await transports.openSource(absolute(ours))
    // The manifest of a docker archive is made up by whoever reads it, and skopeo shows it a Name only there.
    const own = { ...inspectionRecord(await inspectImage(source), { name: theirs['Name'] as string | undefined }) } as Record<
      string,
      unknown
    >
    if (place.startsWith('docker-archive')) own['Digest'] = theirs['Digest']
    // Older ones don't print all of it.
    expect(Object.fromEntries(Object.keys(theirs).map((key) => [key, own[key]]))).toEqual(theirs)
  })

  test('converts as we do', async () => {
    for (const format of ['oci', 'v2s2']) {
      skopeo('copy', '-q', '--format', format, 'dir:ours.dir', `dir:${format}.theirs`)
      await using source = await transports.openSource(`dir:${at('ours.dir')}`)
      await using destination = await transports.openDestination(`dir:${at(`${format}.ours`)}`)
      await copyImage(source, destination, { format: format === 'oci' ? 'oci' : 'docker' })
      const [ours, theirs] = ['ours', 'theirs'].map((who) => JSON.parse(skopeo('inspect', '--raw', `dir:${format}.${who}`)) as object)
      expect(ours).toEqual(theirs)
    }
  })
})

describe.skipIf(missing('podman') || process.getuid?.() !== 0)('podman', () => {
  const podman = (...args: readonly string[]): string =>
    execFileSync('podman', ['--root', at('podman'), '--runroot', at('podman-run'), '--storage-driver', 'vfs', ...args], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })

  test('loads what we save, several images in one docker archive', async () => {
    await savedByUs('podman.tar', 'docker-archive')
    podman('load', '-i', 'podman.tar')
    podman('load', '-i', 'ours.oci.tar')
    expect(idOf(podman('inspect', 'ours/image:1'))).toBe(image.config)
    expect(idOf(podman('inspect', 'example.com/other:2'))).toBe(other.config)
  })

  test.each([
    ['docker-archive', ['-m'], [expect.stringMatching(/^\S+\/ours\/image:1$/)]],
    ['oci-archive', [], [expect.stringMatching(/^\S+\/ours\/image:1$/)]],
    ['docker-dir', [], []],
    ['oci-dir', [], [expect.stringMatching(/^\S+\/ours\/image:1$/)]],
  ])('saves as %s what we load', async (format, options, names) => {
    podman('load', '-i', 'ours.tar')
    podman('save', '-q', '--format', format, ...options, '-o', `saved.${format}`, 'ours/image:1')
    await using archive = await openImageArchive(at(`saved.${format}`))
    expect(await documentsOf(archive.images[0]!.source())).toMatchObject({ diffIds: unpacked(image).diffIds })
    expect(archive.images[0]!.names).toEqual(names)
  })
})

describe.skipIf(dockerMissing)('docker', () => {
  let docker: DockerEngine
  beforeAll(async () => {
    docker = await startDocker()
  }, 60_000)
  afterAll(() => docker[Symbol.asyncDispose]())

  test('loads what we save, and we load what it saves', async () => {
    await savedByUs('docker.tar', 'docker-archive')
    docker.run('load', '-i', at('docker.tar'))
    expect(idOf(docker.run('inspect', 'ours/image:1'))).toBe(image.config)
    expect(idOf(docker.run('inspect', 'example.com/other:2'))).toBe(other.config)
    docker.run('save', '-o', at('saved-by-docker.tar'), 'ours/image:1', 'example.com/other:2')
    await using archive = await openImageArchive(at('saved-by-docker.tar'))
    const found = await Promise.all(archive.images.map(async (saved) => [saved.names, await documentsOf(saved.source())] as const))
    const sorted = found.toSorted(([a], [b]) => (a[0]! < b[0]! ? -1 : 1))
    expect(sorted).toEqual([
      [['example.com/other:2'], unpacked(other)],
      [['ours/image:1'], unpacked(image)],
    ])
  })
})

async function put(what: TestImage, place: string): Promise<void> {
  await using destination = await transports.openDestination(absolute(place))
  await copyImage(memorySource(what), destination)
}

async function savedByUs(file: string, format: 'docker-archive'): Promise<void> {
  await using writer = await openImageArchiveWriter(at(file), { format })
  await copyImage(memorySource(image), writer.destination(['docker.io/ours/image:1']))
  await copyImage(memorySource(other), writer.destination(['example.com/other:2']))
  await writer.finish()
}

function absolute(place: string): string {
  return place.replace(':', `:${directory}/`)
}

interface Documents {
  readonly config: string
  readonly diffIds: readonly string[]
}

function unpacked(what: TestImage): Documents {
  return { config: what.config, diffIds: parseImageConfig(what.blobs.get(what.config)!).rootfs.diff_ids }
}

async function contents(place: string): Promise<Documents> {
  await using source = await transports.openSource(absolute(place))
  return await documentsOf(source)
}

/** Copies all of it, verified down to what layers unpack to, and tells what it is. */
async function documentsOf(source: ImageSource): Promise<Documents> {
  const destination = memoryDestination()
  const { images } = await copyImage(source, destination, { compression: 'none' })
  const manifest = JSON.parse(Buffer.from(destination.manifests.get(images[0]!.manifest.digest)!.bytes).toString()) as {
    config: { digest: never }
  }
  const config: ImageConfig = parseImageConfig(destination.blobs.get(manifest.config.digest)!)
  return { config: manifest.config.digest, diffIds: config.rootfs.diff_ids }
}

function idOf(inspected: string): string {
  const [{ Id }] = JSON.parse(inspected) as [{ Id: string }]
  return Id.startsWith('sha256:') ? Id : `sha256:${Id}`
}
