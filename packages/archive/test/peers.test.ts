import { createSpecialFiles } from '@podwright/linux'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { applyLayers, createTarWriter, diffTrees, diffUpper, flattenLayers, type LayerReader, listLayers, packTree } from '../src/index.ts'
import { collect, text } from './fixtures/collect.ts'
import { hasTool, needsRoot, run, temporaryDirectory } from './fixtures/directories.ts'
import { describeTree } from './fixtures/tree.ts'

const special = createSpecialFiles()

/** A tree with what a layer can have, but for what peers don't keep. */
function makeLower(): string {
  const lower = join(temporaryDirectory(), 'lower')
  mkdirSync(lower)
  const script = `
    mkdir -p etc/ssl usr/bin var/lib/a var/lib/b; echo root > etc/passwd; echo motd > etc/motd; echo key > etc/ssl/key
    ln etc/passwd etc/hard; ln -s passwd etc/link; echo 1 > var/lib/a/1; echo 2 > var/lib/a/2; echo 3 > var/lib/b/3; echo '#!' > usr/bin/ping
    mknod null c 1 3; mkfifo pipe; chown 33:33 usr/bin/ping; chmod 6755 usr/bin/ping; chmod 1777 var; touch -d @1.5 etc/motd
    head -c 300000 /dev/urandom > big; touch "$(printf 'n\\303\\244me')" "$(printf '%0150d' 7)"`
  run('sh', ['-c', script], { cwd: lower })
  special.setXattr(Buffer.from(join(lower, 'usr/bin/ping')), Buffer.from('security.capability'), capability)
  return lower
}

const capability = Buffer.from('0100000284ff0000000000000000000000000000', 'hex')

/** What is done to the tree. */
const changes = `
  echo changed >> etc/passwd; rm etc/motd; rm -r var/lib/a; mkdir var/lib/a; echo new > var/lib/a/new; rm -r var/lib/b; echo file > var/lib/b
  rm etc/link; mkdir etc/link; echo in > etc/link/in; ln big hard-to-big; chmod 700 etc/ssl; chown 7:8 usr; ln -s nowhere usr/dangling
  rm pipe; mknod zero c 1 5; touch -d @3.25 usr/bin`

/** The layers of an image in a layout, the lowest first. */
function layersOf(layout: string, tag: string): LayerReader[] {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(layout, path), 'utf8'))
  const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`
  const { manifests } = read('index.json') as { manifests: { digest: string; annotations?: Record<string, string> }[] }
  const { digest } = manifests.find(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === tag) ?? manifests[0]!
  const { layers } = read(blob(digest)) as { layers: { digest: string }[] }
  return layers.map((layer) => () => [readFileSync(join(layout, blob(layer.digest)))])
}

/** An image of these layers in a layout. */
function makeLayout(layers: readonly Uint8Array[]): string {
  const place = temporaryDirectory()
  const layout = join(place, 'layout')
  run('umoci', ['init', '--layout', layout])
  run('umoci', ['new', '--image', `${layout}:base`])
  for (const [index, layer] of layers.entries()) {
    const file = join(place, `${index}.tar`)
    writeFileSync(file, layer)
    run('umoci', ['raw', 'add-layer', '--image', `${layout}:base`, file])
  }
  return layout
}

async function applied(layers: readonly LayerReader[]): Promise<string> {
  const directory = temporaryDirectory()
  await applyLayers(layers, directory, { special })
  return directory
}

const whole =
  (tar: Uint8Array): LayerReader =>
  () => [tar]

/** Not all tools keep nanoseconds, or say anything of a directory that they only have something in. */
const withoutTimes = { times: false }

describe.skipIf(needsRoot || !hasTool('umoci'))('umoci', () => {
  test('takes the same difference of the tree that it unpacked', async () => {
    const base = await collect(packTree(makeLower(), { special }))
    const layout = makeLayout([base])
    const bundle = join(temporaryDirectory(), 'bundle')
    run('umoci', ['unpack', '--image', `${layout}:base`, bundle])
    const before = await applied([whole(base)])
    const rootfs = join(bundle, 'rootfs')
    expect(describeTree(rootfs)).toEqual(describeTree(before))
    run('sh', ['-c', changes], { cwd: rootfs })
    const ours = await collect(diffTrees(before, rootfs, { special }))
    run('umoci', ['repack', '--image', `${layout}:new`, bundle])
    const theirs = layersOf(layout, 'new')
    expect(theirs).toHaveLength(2)
    const expected = describeTree(rootfs)
    expect(describeTree(await applied([whole(base), whole(ours)]))).toEqual(expected)
    expect(withoutLinks(await applied([whole(base), theirs[1]!]))).toEqual(withoutLinks(rootfs))
    // And what we made, umoci unpacks.
    const again = join(temporaryDirectory(), 'bundle')
    run('umoci', ['unpack', '--image', `${makeLayout([base, ours])}:base`, again])
    expect(describeTree(join(again, 'rootfs'))).toEqual(expected)
  })

  test('unpacks the tree that we flatten, hard links across layers too', async () => {
    const base = await collect(packTree(makeLower(), { special }))
    const upper = createTarWriter()
      .add({ name: 'usr/bin/.wh.ping' })
      .add({ name: 'var/lib/.wh..wh..opq' })
      .add({ name: 'to-big', type: 'hardlink', linkName: 'big' })
      .finish()
    const last = createTarWriter().add({ name: '.wh.big' }).finish()
    const bundle = join(temporaryDirectory(), 'bundle')
    run('umoci', ['unpack', '--image', `${makeLayout([base, upper, last])}:base`, bundle])
    const layers = [base, upper, last].map(whole)
    const flat = await applied([whole(await collect(flattenLayers(layers)))])
    expect(describeTree(flat, withoutTimes)).toEqual(describeTree(join(bundle, 'rootfs'), withoutTimes))
    const names: string[] = []
    for await (const { path } of listLayers(layers)) names.push(`./${text(path)}`)
    expect(names.length).toBe(describeTree(join(bundle, 'rootfs')).length)
  })
})

/** Umoci packs hard links to files that did not change as files of their own. */
function withoutLinks(tree: string): string[] {
  return describeTree(tree, withoutTimes).map((line) => line.replace(/ same as .*/, ''))
}

/** The same directory under a name that buildah takes for an image's. */
function lowerCase(directory: string): string {
  const link = join(tmpdir(), `podwright-archive-${randomBytes(6).toString('hex')}`)
  symlinkSync(directory, link)
  onTestFinished(() => rmSync(link))
  mkdirSync(directory, { recursive: true })
  return link
}

describe.skipIf(needsRoot || !hasTool('buildah') || !hasTool('umoci'))('buildah', () => {
  test('commits the same layer from the same upper directory', { timeout: 120_000 }, async () => {
    const base = await collect(packTree(makeLower(), { special }))
    const store = temporaryDirectory()
    const options = [
      '--root',
      join(store, 'root'),
      '--runroot',
      join(store, 'run'),
      '--storage-driver',
      'overlay',
      '--storage-opt',
      'overlay.mountopt=nodev',
    ]
    const buildah = (...words: readonly string[]): string =>
      run('buildah', [...options, ...words])
        .toString()
        .trim()
    const container = buildah('from', `oci:${lowerCase(makeLayout([base]))}:base`)
    onTestFinished(() => {
      buildah('rm', '--all')
      rmSync(join(store, 'root'), { recursive: true, force: true })
    })
    const merged = buildah('mount', container)
    run('sh', ['-c', changes], { cwd: merged })
    const expected = describeTree(merged)
    buildah('umount', container)
    const ours = await collect(diffUpper(merged.replace(/merged$/, 'diff'), { special }))
    const layout = lowerCase(join(store, 'layout'))
    buildah('commit', '--quiet', container, `oci:${layout}:new`)
    const theirs = layersOf(layout, 'new')
    expect(describeTree(await applied([whole(base), whole(ours)])).slice(1)).toEqual(expected.slice(1))
    const theirTree = describeTree(await applied([whole(base), theirs[1]!]), withoutTimes)
    expect(theirTree.slice(1)).toEqual(describeTree(await applied([whole(base), whole(ours)]), withoutTimes).slice(1))
  })
})
