import { createTarWriter, type TarEntryInit } from '@podwright/archive'
import type { ImageSource } from '@podwright/contracts'
import { copyImage } from '@podwright/distribution'
import { describe, type Digest, digestOf, encodeDocument, hostPlatform, type ImageRunConfig, mediaTypes } from '@podwright/oci'
import { openStorage } from '@podwright/storage'
import { createHostExecutor } from '@podwright/userns'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Debian's static busybox; the real containers of these tests run nothing else. */
const busybox = '/bin/busybox'

/** Why real containers can't be run here; undefined where they can. */
export const cannotRun: string | undefined =
  process.getuid?.() !== 0 ? 'needs root' : existsSync(busybox) ? undefined : 'needs busybox-static'

export const busyboxName = 'localhost/busybox:latest'

/** What an image has besides its shell. */
export interface TestImage {
  readonly name?: string
  readonly config?: ImageRunConfig
  readonly entries?: readonly (TarEntryInit & { readonly content?: string })[]
}

/** Puts an image with a shell into an engine's storage. */
export async function storeBusybox(root: string, runRoot: string, image: TestImage = {}): Promise<void> {
  const { NODE_COMPILE_CACHE: cache } = process.env
  const path = fileURLToPath(new URL('../../src/worker.ts', import.meta.url))
  const worker = { path, execArgv: ['-C', '@podwright/source'], env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache } }
  await using storage = await openStorage({ namespace: createHostExecutor({ workerEntry: worker }) }, { root, runRoot })
  await using destination = await storage.destination(image.name ?? busyboxName)
  await using source = busyboxSource(image)
  await copyImage(source, destination)
}

function busyboxSource({ config: more = {}, entries = [] }: TestImage): ImageSource {
  const writer = createTarWriter().add({ name: 'bin/', type: 'directory' }).add({ name: 'bin/busybox', mode: 0o755 }, readFileSync(busybox))
  for (const name of ['sh', 'sleep', 'cat', 'true', 'id', 'ls', 'stat', 'chown', 'touch'])
    writer.add({ name: `bin/${name}`, type: 'symlink', linkName: 'busybox' })
  for (const name of ['etc/', 'tmp/', 'proc/', 'sys/', 'dev/']) writer.add({ name, type: 'directory' })
  writer.add({ name: 'etc/passwd' }, 'root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/srv:/bin/sh\n')
  writer.add({ name: 'etc/notes', mode: 0o644 }, 'not a program\n')
  for (const { content, ...entry } of entries) writer.add(entry, content)
  const layer = writer.finish()
  const contents = new Map<Digest, Uint8Array>()
  const keep = (bytes: Uint8Array, mediaType: string): ReturnType<typeof describe> => {
    const descriptor = describe(bytes, mediaType)
    contents.set(descriptor.digest, bytes)
    return descriptor
  }
  const config = keep(
    encodeDocument({
      ...hostPlatform(),
      config: { Env: ['PATH=/bin'], Cmd: ['sh'], ...more },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
    mediaTypes.ociConfig,
  )
  const layers = [keep(layer, mediaTypes.ociLayer)]
  const top = keep(encodeDocument({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers }), mediaTypes.ociManifest)
  const read = (digest: Digest): Uint8Array => contents.get(digest) ?? new Uint8Array()
  return {
    reference: 'memory:busybox',
    manifest: (digest = top.digest) => Promise.resolve({ descriptor: top, bytes: read(digest) }),
    openBlob: ({ digest }, { offset = 0 } = {}) =>
      Promise.resolve({
        offset,
        chunks: (async function* () {
          yield read(digest).subarray(offset)
        })(),
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
