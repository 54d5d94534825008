import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createRegistryContent, type RegistryContent, type ScriptedImage } from './internal/registry/content.ts'
import { answerTo, type ScriptedAnswer } from './internal/registry/answer.ts'
import { send } from './internal/registry/send.ts'

export type { ScriptedAnswer } from './internal/registry/answer.ts'
export type { ScriptedImage, ScriptedUpload } from './internal/registry/content.ts'

/** What a test may look at afterwards. */
export interface RecordedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** As Latin-1. Of one that was intercepted early, nothing. */
  readonly body: string
}

/** Gives the registry's own answer, or what `change` makes of it. */
export interface Serve {
  (change?: (answer: ScriptedAnswer) => ScriptedAnswer): void
  /** The registry's own answer, not sent. */
  answer(): ScriptedAnswer
}

/** Stands before the registry's own answer; `serve` gives that. What it throws breaks the connection. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse, serve: Serve) => void | Promise<void>

/** When an interceptor is called. */
export interface InterceptOptions {
  /** For how many requests. @default 1 */
  readonly times?: number | undefined
  /** Before the request's body is read: it is the interceptor's. @default false */
  readonly early?: boolean | undefined
}

/** Options of `startScriptedRegistry`. */
export interface ScriptedRegistryOptions {
  /** Speak HTTPS. Both are PEM. @default plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** List what refers to a manifest, as of distribution-spec 1.1. @default false */
  readonly referrersApi?: boolean | undefined
}

/** An in-memory registry on 127.0.0.1 (distribution-spec v1.1), and what a test makes go wrong with it. */
export interface ScriptedRegistry extends AsyncDisposable, RegistryContent {
  /** `127.0.0.1:PORT` */
  readonly host: string
  readonly requests: RecordedRequest[]
  /** Has an image under a name; `*` and `*`: under every one. */
  add(repository: string, tag: string, image: ScriptedImage): void
  /** The next requests of a method whose path fits go to `interceptor`. The first interception that has some left wins. */
  intercept(method: string, path: RegExp, interceptor: Interceptor, options?: number | InterceptOptions): void
}

interface Interception {
  readonly method: string
  readonly path: RegExp
  readonly interceptor: Interceptor
  readonly early: boolean
  left: number
}

export async function startScriptedRegistry(options: ScriptedRegistryOptions = {}): Promise<ScriptedRegistry> {
  const content = createRegistryContent(options.referrersApi ?? false)
  const requests: RecordedRequest[] = []
  const interceptions: Interception[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = request
    const interception = interceptions.find((one) => one.left > 0 && one.method === method && one.path.test(path))
    const body = interception?.early === true ? Buffer.alloc(0) : await readBody(request)
    requests.push({ method, path, headers, body: body.toString('latin1') })
    const answer = (): ScriptedAnswer => answerTo(content, request, body)
    const serve: Serve = Object.assign((change = asItIs) => send(response, change(answer()), method), { answer })
    if (interception === undefined) return serve()
    interception.left--
    await interception.interceptor(request, response, serve)
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy())
  }
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  const host = await listen(server)
  return {
    ...content,
    host,
    requests,
    add: (repository, tag, image) => {
      for (const [digest, bytes] of image.blobs) content.blobs.set(digest, bytes)
      for (const record of image.manifests) content.manifests.set(`${repository}@${record.descriptor.digest}`, record)
      content.manifests.set(`${repository}:${tag}`, image.top)
    },
    intercept: (method, path, interceptor, when = {}) => {
      const { times = 1, early = false } = typeof when === 'number' ? { times: when } : when
      interceptions.push({ method, path, interceptor, early, left: times })
    },
    [Symbol.asyncDispose]: () => close(server),
  }
}

function asItIs(answer: ScriptedAnswer): ScriptedAnswer {
  return answer
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
