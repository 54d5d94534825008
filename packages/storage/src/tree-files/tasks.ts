import type {
  IdMap,
  MountSpec,
  NamespaceTask,
  NamespaceTaskHandler,
  NamespaceTaskHandlers,
  SkippedTreeFile,
  TreePath,
  TreePlace,
} from '@podwright/contracts'
import type * as ReadTree from './tasks/read-tree.ts'
import type * as StatTree from './tasks/stat-tree.ts'
import type * as WriteTree from './tasks/write-tree.ts'

/** Arguments of `storage.treeEnter`: the process goes into the tree, for good. */
export interface EnterTreeArgs {
  readonly place: TreePlace
  /** What to mount in place of the place's own mounts; where the kernel can't, those. */
  readonly volatileMounts?: readonly MountSpec[] | undefined
  /** Process id of who asks: whoever works for it in its own process would take it along. */
  readonly caller: number
  /** FIFOs: tars that come are read from the first, others written to the second. The caller has both ends of each open. */
  readonly input: string
  readonly output: string
}

/** Arguments of `storage.treeStat`. */
export interface StatTreeArgs {
  readonly path: string
  readonly followLink: boolean
}

/** As `TreePath`, with the time in milliseconds since the epoch. */
export type WireTreePath = Omit<TreePath, 'modified'> & { readonly modifiedMs: number }

/** Arguments of `storage.treeRead`. */
export interface ReadTreeArgs extends StatTreeArgs {
  readonly name: string
  readonly xattrs: boolean
  /** The ids that the files have were put through this; undone in the tar. */
  readonly idMap: IdMap | null
}

/** Arguments of `storage.treeWrite`. */
export interface WriteTreeArgs {
  readonly directory: string
  readonly owners: 'root' | 'archive'
  readonly existingDirectories: 'become' | 'stay'
  readonly overwrite: boolean
  readonly skipDevices: boolean
  /** What the ids of the tar, and the tree's root's, are put through. */
  readonly idMap: IdMap | null
  /** On the file system of the tree's root. */
  readonly minFreeBytes: number
}

/** What a transfer left out. */
export interface TransferResult {
  readonly skipped: readonly SkippedTreeFile[]
}

/** Comes first, in a worker of its own: none of the others does anything before, and nothing else can be done after. */
export const enterTreeTask: NamespaceTask<EnterTreeArgs, null> = { name: 'storage.treeEnter' }
export const statTreeTask: NamespaceTask<StatTreeArgs, WireTreePath | null> = { name: 'storage.treeStat' }
/** Once a worker: it closes its end of the FIFO. So does the next. */
export const readTreeTask: NamespaceTask<ReadTreeArgs, TransferResult> = { name: 'storage.treeRead' }
export const writeTreeTask: NamespaceTask<WriteTreeArgs, TransferResult> = { name: 'storage.treeWrite' }

type HandlerOf<Task> =
  Task extends NamespaceTask<infer Args, infer Result, infer Progress> ? NamespaceTaskHandler<Args, Result, Progress> : never

const loadStat = (): Promise<typeof StatTree> => import('./tasks/stat-tree.ts')
const loadRead = (): Promise<typeof ReadTree> => import('./tasks/read-tree.ts')
const loadWrite = (): Promise<typeof WriteTree> => import('./tasks/write-tree.ts')

const enter: HandlerOf<typeof enterTreeTask> = async (args, context) => {
  // From inside the tree they can't be found any more.
  await Promise.all([loadStat(), loadRead(), loadWrite()])
  return (await import('./tasks/enter-tree.ts')).enterTree(args, context)
}
const stat: HandlerOf<typeof statTreeTask> = async (args) => (await loadStat()).statTree(args)
const read: HandlerOf<typeof readTreeTask> = async (args, context) => (await loadRead()).readTree(args, context)
const write: HandlerOf<typeof writeTreeTask> = async (args, context) => (await loadWrite()).writeTree(args, context)

/** What copies of files have done inside the namespace. */
export const treeFileTaskHandlers: NamespaceTaskHandlers = {
  [enterTreeTask.name]: enter,
  [statTreeTask.name]: stat,
  [readTreeTask.name]: read,
  [writeTreeTask.name]: write,
}
