import type { AbortOptions } from '@podwright/conventions'
import type { TreeReference } from '@podwright/contracts'
import { createSpecialFiles } from '@podwright/linux'
import { constants, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { packTask } from '../tasks/tasks.ts'
import { runTask } from './run-task.ts'
import type { Store } from './store.ts'
import { openTree } from './trees.ts'

/** A whole tree as a tar, written where its files can be read, and handed over through a FIFO. */
export async function* exportTree(store: Store, tree: TreeReference, options: AbortOptions): AsyncGenerator<Uint8Array, void, undefined> {
  await store.driver()
  await using opened = await openTree(store, tree, options)
  const path = store.paths.newIngest()
  createSpecialFiles().mknod(Buffer.from(path), constants.S_IFIFO | 0o600, 0, 0)
  const failure = new AbortController()
  try {
    // Not blocking: it waits for no writer.
    const output = new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false })
    const signal = options.signal === undefined ? failure.signal : AbortSignal.any([failure.signal, options.signal])
    const { mounts, rootfs, idMap } = opened
    const source = { kind: 'tree', tree: { mounts, rootfs } } as const
    const packing = runTask(store, packTask, { source, path, exclude: [], idMap: idMap ?? null, minFreeBytes: 0 }, { signal })
    packing.catch((error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error))))
    try {
      for await (const chunk of output) yield chunk as Buffer
      await packing
    } finally {
      failure.abort(new Error('nobody reads the tar any more'))
      output.destroy()
      await packing.catch(() => {})
    }
  } finally {
    rmSync(path, { force: true })
  }
}
