import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseImageConfig, parseManifest } from '@podwright/oci'
import { expect, test } from 'vitest'
import { assembleHello, greeting } from '../../src/hello/executable.ts'
import { openHelloSource } from '../../src/hello/image.ts'

const native = process.arch === 'arm64' ? 'arm64' : 'amd64'

test('the executable for this machine runs and greets', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hello-'))
  try {
    const path = join(directory, 'hello')
    writeFileSync(path, assembleHello(native), { mode: 0o755 })
    expect(execFileSync(path, { encoding: 'utf8' })).toBe(greeting)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test.each(['amd64', 'arm64'] as const)('the executable for %s is small', (architecture) => {
  expect(assembleHello(architecture).length).toBeLessThan(1024)
})

test('the image is a proper index of two platforms, and the same each time', async () => {
  await using source = openHelloSource()
  await using again = openHelloSource()
  const top = await source.manifest()
  expect((await again.manifest()).descriptor.digest).toBe(top.descriptor.digest)
  const parsed = parseManifest(top.bytes, top.descriptor.mediaType)
  if (parsed.kind !== 'index') throw new Error('the top is no index')
  expect(parsed.index.manifests.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 'arm64'])
  for (const descriptor of parsed.index.manifests) {
    const manifest = parseManifest((await source.manifest(descriptor.digest)).bytes)
    if (manifest.kind !== 'manifest') throw new Error('an entry is no manifest')
    const { chunks } = await source.openBlob(manifest.manifest.config)
    const pieces: Uint8Array[] = []
    for await (const chunk of chunks) pieces.push(chunk)
    const bytes = Buffer.concat(pieces)
    expect(parseImageConfig(bytes)).toMatchObject({ os: 'linux', architecture: descriptor.platform?.architecture })
  }
})
