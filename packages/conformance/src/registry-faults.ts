import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { refusal } from './internal/registry/answer.ts'
import { send } from './internal/registry/send.ts'
import type { Interceptor, ScriptedAnswer, ScriptedRegistry, Serve } from './scripted-registry.ts'

/** What goes wrong at registries, as interceptors of a scripted one. */
export interface RegistryFaults {
  /** A status with the specification's error document. */
  refuse(status: number, code?: string, headers?: Readonly<Record<string, string>>): Interceptor
  /** The connection breaks before the answer. */
  reset(): Interceptor
  /** The connection breaks in the middle of the right answer's body. */
  resetAfter(bytes: number): Interceptor
  /** The right answer ends early, and looks whole: no length is announced. */
  truncate(bytes: number): Interceptor
  /** The announced length is off by some bytes, and the body with it. */
  wrongLength(off: number): Interceptor
  /** As many bytes, but others. */
  wrongBytes(): Interceptor
  /** Nothing comes. */
  hang(): Interceptor
  /** The right answer's beginning comes, then nothing. */
  hangAfter(bytes: number): Interceptor
  /** The right answer comes bit by bit. */
  trickle(chunkBytes: number, pauseMs: number): Interceptor
  /** To another place; `undefined`: to itself, for ever. */
  redirect(location?: string, status?: number): Interceptor
  /** A page of HTML, as of a proxy, with status 200. */
  html(): Interceptor
  /** More bytes than anybody should read. */
  huge(bytes: number): Interceptor
  /** The right bytes by a wrong name. */
  contentType(type: string): Interceptor
  /** The right bytes packed, though nobody asked for that. */
  gzipEncoding(): Interceptor
  /** An upload's connection breaks after some bytes of it, which the registry keeps. To be intercepted early. */
  breakUpload(registry: Pick<ScriptedRegistry, 'uploads'>, keptBytes: number): Interceptor
}

/** The faults that there are; each is one line of a table of a test. */
export const registryFaults: RegistryFaults = {
  refuse: (status, code = 'UNKNOWN', headers = {}) => instead(refusal(status, code, headers)),
  reset: () => (_, response) => void response.destroy(),
  resetAfter: (bytes) => partly(bytes, (response) => setTimeout(() => response.destroy(), 20)),
  truncate: (bytes) =>
    answering(({ status, headers, body }) => ({
      status,
      headers: without(headers, 'content-length'),
      body: bytesOf(body).subarray(0, bytes),
    })),
  wrongLength: (off) => answering((answer) => ({ ...answer, ...lengthened(answer, off) })),
  wrongBytes: () => answering((answer) => ({ ...answer, body: bytesOf(answer.body).map((byte) => byte ^ 0xff) })),
  hang: () => () => {},
  hangAfter: (bytes) => partly(bytes, () => {}),
  trickle: (chunkBytes, pauseMs) => (_, response, serve) => trickle(response, chunkBytes, pauseMs, serve),
  redirect:
    (location, status = 307) =>
    (request, response) =>
      void response.writeHead(status, { location: location ?? request.url ?? '' }).end(),
  html: () => instead({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>Sign in</html>' }),
  huge: (bytes) => answering((answer) => ({ ...answer, headers: without(answer.headers, 'content-length'), body: new Uint8Array(bytes) })),
  contentType: (type) => answering((answer) => ({ ...answer, headers: { ...answer.headers, 'content-type': type } })),
  gzipEncoding: () =>
    answering((answer) => {
      const body = gzipSync(answer.body)
      return { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip', 'content-length': body.length }, body }
    }),
  breakUpload: (registry, keptBytes) => (request) => breakUpload(registry, request, keptBytes),
}

/** Nothing is done of what was asked. */
function instead(answer: ScriptedAnswer): Interceptor {
  return ({ method }, response) => send(response, answer, method)
}

/** What was asked is done, and told otherwise. */
function answering(change: (answer: ScriptedAnswer) => ScriptedAnswer): Interceptor {
  return (_, __, serve) => serve(change)
}

/** Sends the beginning of the right answer, whose whole length it announces. */
function partly(bytes: number, then: (response: ServerResponse) => void): Interceptor {
  return (_, response, serve) => {
    const { status, headers, body } = serve.answer()
    response.writeHead(status, { ...headers, 'content-length': bytesOf(body).length })
    response.write(bytesOf(body).subarray(0, bytes), () => then(response))
  }
}

async function trickle(response: ServerResponse, chunkBytes: number, pauseMs: number, serve: Serve): Promise<void> {
  const { status, headers, body } = serve.answer()
  response.writeHead(status, headers)
  for (let start = 0; start < body.length && !response.destroyed; start += chunkBytes) {
    response.write(bytesOf(body).subarray(start, start + chunkBytes))
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  response.end()
}

async function breakUpload({ uploads }: Pick<ScriptedRegistry, 'uploads'>, request: IncomingMessage, keptBytes: number): Promise<void> {
  const id = /\/uploads\/([^?]+)/.exec(request.url ?? '')?.[1] ?? ''
  const upload = uploads.get(id)
  let left = keptBytes
  for await (const chunk of request) {
    const kept = (chunk as Uint8Array).subarray(0, left)
    left -= kept.length
    if (upload !== undefined) upload.bytes = Buffer.concat([upload.bytes, kept])
    if (left === 0) break
  }
  request.socket.destroy()
}

function lengthened({ headers, body }: ScriptedAnswer, off: number): Pick<ScriptedAnswer, 'headers' | 'body'> {
  const bytes = bytesOf(body)
  const changed = off > 0 ? Buffer.concat([bytes, Buffer.alloc(off)]) : bytes.subarray(0, off)
  return { headers: { ...headers, 'content-length': changed.length }, body: changed }
}

function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body
}

function without(headers: ScriptedAnswer['headers'], name: string): ScriptedAnswer['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))
}
