import { type ScriptedImage, startScriptedRegistry as startRegistry } from '@podwright/conformance'
import { isDigest } from '@podwright/oci'
import type { IncomingMessage, ServerResponse } from 'node:http'
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
  const registry = await startRegistry()
  registry.add('*', '*', contentOf(image))
  const requests: string[] = []
  for (const method of ['GET', 'HEAD']) {
    registry.intercept(
      method,
      /./,
      (request, response, serve) => {
        requests.push(`${request.method} ${request.url} ${request.headers.range ?? ''}`.trim())
        if (!fault(request, response)) serve()
      },
      Infinity,
    )
  }
  return { address: registry.host, requests, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() }
}

function contentOf(image: Image | ImageIndex): ScriptedImage {
  const images = 'images' in image ? image.images : [image]
  const manifests = [image, ...images].map(({ manifest, mediaType }) => ({
    descriptor: { mediaType, digest: digestOf(manifest.digest), size: manifest.bytes.length },
    bytes: manifest.bytes,
  }))
  const blobs = new Map(images.flatMap((inner) => inner.blobs).map((blob) => [blob.digest, blob.bytes]))
  return { top: manifests[0]!, manifests, blobs }
}

function digestOf(text: string): ScriptedImage['top']['descriptor']['digest'] {
  if (isDigest(text)) return text
  throw new Error(`${text} is no digest`)
}
