import type { AbortOptions } from '@podwright/conventions'
import { randomHex } from '@podwright/linux'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'

/** What a worker does with the socket that it is given the path of. */
export type SocketWork = (socketPath: string, options: AbortOptions) => Promise<unknown>

/** The bytes that a worker writes. They end without an error only when its work did. */
export async function* readFromWorker(runRoot: string, work: SocketWork, options: AbortOptions = {}): AsyncGenerator<Uint8Array> {
  const controller = new AbortController()
  const signal = AbortSignal.any([controller.signal, ...(options.signal === undefined ? [] : [options.signal])])
  using door = await openDoor(runRoot)
  const done = work(door.path, { signal })
  done.catch(() => undefined)
  try {
    const socket = await firstOf(door.entered, done)
    if (socket !== undefined) for await (const chunk of socket) yield chunk as Buffer
    await done
  } finally {
    // Whoever stops reading needs no more of it.
    controller.abort()
    await done.catch(() => undefined)
  }
}

/** Hands a worker bytes. Resolves when its work is done, however much of them it wanted. */
export async function writeToWorker(
  runRoot: string,
  source: AsyncIterable<Uint8Array>,
  work: SocketWork,
  options: AbortOptions = {},
): Promise<void> {
  const controller = new AbortController()
  const signal = AbortSignal.any([controller.signal, ...(options.signal === undefined ? [] : [options.signal])])
  using door = await openDoor(runRoot)
  const done = work(door.path, { signal })
  done.catch(() => undefined)
  const socket = await firstOf(door.entered, done)
  try {
    if (socket !== undefined) await pour(source, socket, done)
  } catch (error) {
    controller.abort(error)
    throw error
  }
  await done
}

/** A tear in the socket is the worker's end, whose reason `done` has. */
async function pour(source: AsyncIterable<Uint8Array>, socket: Socket, done: Promise<unknown>): Promise<void> {
  let over = false
  const settled = done.then(
    () => (over = true),
    () => (over = true),
  )
  socket.on('error', () => undefined)
  for await (const chunk of source) {
    if (over || socket.destroyed) break
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => undefined), settled])
  }
  socket.end()
}

interface Door extends Disposable {
  readonly path: string
  readonly entered: Promise<Socket>
}

async function openDoor(runRoot: string): Promise<Door> {
  mkdirSync(runRoot, { recursive: true, mode: 0o700 })
  const path = join(runRoot, `volume-${randomHex(6)}`)
  const server: Server = createServer()
  const entered = once(server, 'connection').then(([socket]) => socket as Socket)
  entered.catch(() => undefined)
  await once(server.listen(path), 'listening')
  return {
    path,
    entered,
    [Symbol.dispose]() {
      server.close()
      rmSync(path, { force: true })
    },
  }
}

/** The connection; undefined when the work ended without one, well. @throws what the work throws before it */
async function firstOf(entered: Promise<Socket>, done: Promise<unknown>): Promise<Socket | undefined> {
  return Promise.race([entered, done.then(() => undefined)])
}
