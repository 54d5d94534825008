import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type {
  IdMap,
  OpenTreeFilesOptions,
  NamespaceSession,
  ReadTreeFilesOptions,
  SkippedTreeFile,
  StatTreeOptions,
  TreeFiles,
  TreePath,
  TreePlace,
  WriteTreeFilesOptions,
} from '@podwright/contracts'
import type { Store } from '../internal/store.ts'
import { openPipeReader, openPipeWriter, type PipeReader, type PipeWriter } from './pipe.ts'
import { enterTreeTask, readTreeTask, statTreeTask, type TransferResult, writeTreeTask } from './tasks.ts'
import { type VolatileMounts, volatileMounts } from './volatile-mounts.ts'

/** A worker that has gone into the tree, good for any number of looks and one transfer. */
interface Visit extends AsyncDisposable {
  readonly worker: NamespaceSession
  readonly output: PipeReader
  readonly input: PipeWriter
}

interface Mapped {
  readonly idMap: IdMap | null
}

type Needs = Pick<Store, 'namespace' | 'runRoot' | 'minFreeBytes'>

/** Files of a tree. A worker is started at once, so that what is wrong with the place is told now; and another one for each transfer after the first. */
export async function openTreeFiles(store: Needs, place: TreePlace, options: OpenTreeFilesOptions): Promise<TreeFiles> {
  const { idMap = null } = options
  let waiting: Visit | undefined = await startVisit(store, place, options)
  const current = async (abort: AbortOptions): Promise<Visit> => (waiting ??= await startVisit(store, place, abort))
  const take = async (abort: AbortOptions): Promise<Visit> => {
    const visit = await current(abort)
    waiting = undefined
    return visit
  }
  return {
    stat: async (path, stat = {}) => statPath(await current(stat), path, stat),
    async *read(path, read = {}) {
      await using visit = await take(read)
      yield* readPath(visit, path, { ...read, idMap })
    },
    async write(directory, tar, write = {}) {
      await using visit = await take(write)
      await writePath(store, visit, { directory, tar }, { ...write, idMap })
    },
    async [Symbol.asyncDispose]() {
      await waiting?.[Symbol.asyncDispose]()
      waiting = undefined
    },
  }
}

async function startVisit({ namespace, runRoot }: Needs, place: TreePlace, { signal }: AbortOptions): Promise<Visit> {
  const output = openPipeReader(runRoot)
  const input = openPipeWriter(runRoot)
  let worker: NamespaceSession | undefined
  let volatile: VolatileMounts | undefined
  const end = async (): Promise<void> => {
    for (const pipe of [output, input]) pipe[Symbol.dispose]()
    await worker?.[Symbol.asyncDispose]()
    // The mounts went with the worker.
    volatile?.[Symbol.dispose]()
  }
  try {
    volatile = place.type === 'mounts' ? volatileMounts(place.mounts) : undefined
    worker = await namespace.open({ signal })
    const args = { place, volatileMounts: volatile?.mounts, caller: process.pid, input: input.path, output: output.path }
    await worker.run(enterTreeTask, args, { signal })
    for (const pipe of [output, input]) pipe.connected()
    return { worker, output, input, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

async function statPath({ worker }: Visit, path: string, { followLink = false, signal }: StatTreeOptions): Promise<TreePath | undefined> {
  const found = await worker.run(statTreeTask, { path, followLink }, { signal })
  // A worker's null is undefined here.
  if (!found) return undefined
  const { modifiedMs, ...rest } = found
  return { ...rest, modified: new Date(modifiedMs) }
}

async function* readPath({ worker, output }: Visit, path: string, options: ReadTreeFilesOptions & Mapped): AsyncGenerator<Uint8Array> {
  const { followLink = false, xattrs = true, transient = false, onSkipped, name = lastName(path), idMap } = options
  const controller = new AbortController()
  const signal = AbortSignal.any([controller.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const done = worker.run(readTreeTask, { path, followLink, name, xattrs, idMap }, { signal })
  done.catch(() => undefined)
  let isOver = false
  try {
    yield* output.bytes(transient)
    tell(await done, onSkipped)
    isOver = true
  } finally {
    // Whoever stops reading needs no more of it.
    if (!isOver) {
      controller.abort()
      output[Symbol.dispose]()
      await done.catch(() => undefined)
    }
  }
}

async function writePath(
  { namespace, minFreeBytes }: Needs,
  { worker, input }: Visit,
  { directory, tar }: { readonly directory: string; readonly tar: AsyncIterable<Uint8Array> },
  options: WriteTreeFilesOptions & Mapped,
): Promise<void> {
  const { owners = 'root', existingDirectories = 'stay', overwrite = false, onSkipped, idMap, signal } = options
  const args = { directory, owners, existingDirectories, overwrite, idMap, skipDevices: namespace.rootless, minFreeBytes }
  const done = worker.run(writeTreeTask, args, { signal })
  done.catch(() => undefined)
  try {
    for await (const chunk of tar) {
      signal?.throwIfAborted()
      await input.write(chunk)
    }
  } catch (error) {
    input[Symbol.dispose]()
    // A worker that closed its end had a reason.
    if (systemCodeOf(error) === 'EPIPE') tell(await done, onSkipped)
    throw error
  }
  input[Symbol.dispose]()
  tell(await done, onSkipped)
}

function tell({ skipped }: TransferResult, onSkipped: ((item: SkippedTreeFile) => void) | undefined): void {
  for (const item of skipped) onSkipped?.(item)
}

function lastName(path: string): string {
  const names = path.split('/').filter((name) => name !== '')
  const last = names.at(-1) ?? '.'
  return last === '..' ? '.' : last
}
