import { type ScriptedImage, startScriptedRegistry } from '@podwright/conformance'
import { isDigest } from '@podwright/oci'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Image, ImageIndex } from '../harness/image.ts'

/** A registry in this process that counts what it serves of blobs, as fast as it is told. */
export interface CountingRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly address: string
  /** Bytes of blobs that were sent since `forget`, by digest. */
  readonly servedBytes: ReadonlyMap<string, number>
  /** How often a blob, or a part of it, was asked for since `forget`, by digest. */
  readonly gets: ReadonlyMap<string, number>
  /** Between pieces of 64 KiB. */
  pauseMs: number
  add(repository: string, tag: string, image: Image | ImageIndex): void
  /** Counts from zero. */
  forget(): void
}

const pieceBytes = 64 * 1024

/** Starts one without images. */
export async function startCountingRegistry(): Promise<CountingRegistry> {
  const registry = await startScriptedRegistry()
  const servedBytes = new Map<string, number>()
  const gets = new Map<string, number>()
  const counting: CountingRegistry = {
    address: registry.host,
    servedBytes,
    gets,
    pauseMs: 0,
    add: (repository, tag, image) => registry.add(repository, tag, contentOf(image)),
    forget() {
      servedBytes.clear()
      gets.clear()
      registry.requests.length = 0
    },
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  }
  registry.intercept(
    'GET',
    /\/blobs\/sha256:/,
    async (request, response, serve) => {
      const digest = request.url!.split('/').at(-1)!
      const bytes = registry.blobs.get(digest)
      if (bytes === undefined) return serve()
      gets.set(digest, (gets.get(digest) ?? 0) + 1)
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      response.writeHead(start > 0 ? 206 : 200, {
        'content-type': 'application/octet-stream',
        'content-length': bytes.length - start,
        ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
      })
      for (let at = start; at < bytes.length && !response.destroyed; at += pieceBytes) {
        const piece = bytes.subarray(at, at + pieceBytes)
        servedBytes.set(digest, (servedBytes.get(digest) ?? 0) + piece.length)
        await write(response, piece)
        if (counting.pauseMs > 0) await sleep(counting.pauseMs)
      }
      response.end()
    },
    Infinity,
  )
  return counting
}

/** Resolves when the next piece may come, or when nobody wants it any more. */
async function write(response: ServerResponse, piece: Uint8Array): Promise<void> {
  if (response.write(piece)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

function contentOf(image: Image | ImageIndex): ScriptedImage {
  const images = 'images' in image ? image.images : [image]
  const manifests = [image, ...images].map(({ manifest, mediaType }) => {
    if (!isDigest(manifest.digest)) throw new Error(`${manifest.digest} is no digest`)
    return { descriptor: { mediaType, digest: manifest.digest, size: manifest.bytes.length }, bytes: manifest.bytes }
  })
  const blobs = new Map(images.flatMap((one) => one.blobs).map(({ digest, bytes }) => [digest, bytes]))
  return { top: manifests[0]!, manifests, blobs }
}
