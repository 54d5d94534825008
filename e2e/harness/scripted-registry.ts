import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Image, ImageIndex } from './image.ts'

/** What goes wrong at a request; it answers and returns true, or leaves the request to the registry. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean

/** A registry of one image, in this process, that fails as it is told. */
export interface ScriptedRegistry extends AsyncDisposable {
  readonly address: string
  /** Method, path and range of every request so far. */
  readonly requests: readonly string[]
}

/** Serves `image` under every repository and tag. */
export async function startScriptedRegistry(image: Image | ImageIndex, fault: Fault = () => false): Promise<ScriptedRegistry> {
  const requests: string[] = []
  const content = contentOf(image)
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.range ?? ''}`.trim())
    if (!fault(request, response)) answer(request, response, content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Content {
  readonly tag: { readonly digest: string }
  readonly manifests: ReadonlyMap<string, { readonly mediaType: string; readonly bytes: Uint8Array }>
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

function contentOf(image: Image | ImageIndex): Content {
  const images = 'images' in image ? image.images : [image]
  const manifests = [image, ...images].map(({ manifest, mediaType }) => [manifest.digest, { mediaType, bytes: manifest.bytes }] as const)
  const blobs = images.flatMap((inner) => inner.blobs).map((blob) => [blob.digest, blob.bytes] as const)
  return { tag: image.manifest, manifests: new Map(manifests), blobs: new Map(blobs) }
}

function answer(request: IncomingMessage, response: ServerResponse, content: Content): void {
  const path = request.url ?? ''
  const manifest = /\/manifests\/(.+)$/.exec(path)?.[1]
  const blob = /\/blobs\/(.+)$/.exec(path)?.[1]
  if (manifest !== undefined) {
    const digest = manifest.includes(':') ? manifest : content.tag.digest
    const found = content.manifests.get(digest)
    if (found === undefined) return notFound(response, 'MANIFEST_UNKNOWN')
    response.setHeader('content-type', found.mediaType)
    response.setHeader('docker-content-digest', digest)
    return send(request, response, found.bytes)
  }
  const bytes = blob === undefined ? undefined : content.blobs.get(blob)
  if (blob !== undefined && bytes === undefined) return notFound(response, 'BLOB_UNKNOWN')
  send(request, response, bytes ?? Buffer.from('{}'))
}

/** A body, or the part of it that a Range asks for (RFC 9110, 14.2). */
export function send(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array): void {
  const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (start > 0) {
    response.statusCode = 206
    response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`)
  }
  const body = bytes.subarray(start)
  response.setHeader('content-length', body.length)
  response.end(request.method === 'HEAD' ? undefined : body)
}

function notFound(response: ServerResponse, code: string): void {
  response.statusCode = 404
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ errors: [{ code, message: 'unknown to the registry' }] }))
}
