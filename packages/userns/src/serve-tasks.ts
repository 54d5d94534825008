import type { NamespaceTaskHandler, NamespaceTaskHandlers } from '@podwright/contracts'
import { messageOf } from '@podwright/conventions'
import { Socket } from 'node:net'
import { UsernsError } from './errors.ts'
import { onJsonLines, writeJsonLine } from './internal/json-lines.ts'
import { channelFd, type Request, type Response } from './internal/protocol.ts'
import { toWire } from './internal/wire-error.ts'

/** Any handler, whatever its types. */
export type AnyTaskHandler = NamespaceTaskHandler<never, unknown, unknown>

/**
 * Where a worker finds its handlers: by the task's whole name, or by the package before its first dot, whose loader gives all of that package's handlers. Loaded when
 * the first such task comes.
 */
export type NamespaceTaskLoaders = Readonly<Record<string, () => Promise<AnyTaskHandler | NamespaceTaskHandlers>>>

/** How long tasks that are called off may tidy up once the caller is gone. */
const graceMs = 5000

/**
 * Makes this process a worker: runs the tasks that come over descriptor 3 until that ends, then ends the process.
 *
 * The caller's end calls off what still runs. Called by a worker's entry file, and by nothing else.
 */
export function serveNamespaceTasks(loaders: NamespaceTaskLoaders): void {
  const channel = new Socket({ fd: channelFd, allowHalfOpen: true })
  const running = new Map<number, { readonly controller: AbortController; readonly done: Promise<void> }>()
  const callOff = (): void => running.forEach(({ controller }) => controller.abort())

  onJsonLines<Request>(channel, (request) => {
    if ('abort' in request) return running.get(request.id)?.controller.abort()
    const controller = new AbortController()
    const done = answer(request, controller.signal).finally(() => running.delete(request.id))
    running.set(request.id, { controller, done })
  })

  async function answer({ id, task, args }: Extract<Request, { task: string }>, signal: AbortSignal): Promise<void> {
    try {
      const handler = await findHandler(loaders, task)
      await seeWhetherCallerIsGone()
      signal.throwIfAborted()
      const result = await handler(args as never, { signal, onProgress: (progress) => respond(channel, { id, progress }) })
      respond(channel, { id, result: result ?? null })
    } catch (error) {
      respond(channel, { id, error: toWire(error) })
    }
  }

  async function finish(): Promise<void> {
    setTimeout(() => process.exit(1), graceMs)
    callOff()
    await Promise.all([...running.values()].map(({ done }) => done))
    channel.end(() => process.exit(0))
  }

  process.on('SIGTERM', callOff)
  channel.on('error', () => process.exit(1))
  channel.on('end', () => void finish())
}

/** The end of the channel comes a turn of the loop after what was written last. Others may be at by then what a caller that was killed had asked for. */
async function seeWhetherCallerIsGone(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate)
}

function respond(channel: Socket, response: Response): void {
  writeJsonLine(channel, response)
}

async function findHandler(loaders: NamespaceTaskLoaders, task: string): Promise<AnyTaskHandler> {
  const loaded = await own(loaders, task, task.split('.', 1)[0] ?? '')?.().catch((cause: unknown) => {
    throw new UsernsError('ERR_NAMESPACE_TASK', `cannot load the task ${task}: ${messageOf(cause)}`, { cause })
  })
  const handler = typeof loaded === 'object' ? own(loaded, task) : loaded
  if (handler === undefined) {
    throw new UsernsError('ERR_NAMESPACE_TASK', `cannot run the task ${task}: this worker has none of that name`, { details: { task } })
  }
  return handler
}

/** The first of those names that the table has itself; what it inherits is no entry. */
function own<Value>(table: Readonly<Record<string, Value>>, ...names: readonly string[]): Value | undefined {
  const name = names.find((each) => Object.hasOwn(table, each))
  return name === undefined ? undefined : table[name]
}
