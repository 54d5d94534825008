import type { NamespaceTask, NamespaceTaskHandler, NamespaceTaskHandlers } from '@podwright/contracts'
import type { TreeView } from '../tasks/tasks.ts'

/** Arguments of `storage.volumeCopyUp`. */
export interface CopyUpArgs {
  /** The tree that `path` belongs to, and the directory in it: links lead to places in that tree. */
  readonly tree: TreeView
  readonly path: string
  /** The volume's content. */
  readonly target: string
  /** On the file system of `target`: where content grows, and where it waits once it is complete; null to copy straight to `target`. */
  readonly staging: { readonly part: string; readonly complete: string } | null
  /** Have it on the disk before it counts. */
  readonly durable: boolean
  readonly minFreeBytes: number
}

/** `copied`: the volume has content, or an owner and a mode; `absent`: the tree has no such directory. */
export type CopyUpResult = 'copied' | 'absent' | 'not-empty'

/** Arguments of `storage.volumeCopy`: everything in `source`, and its owner and mode, into the empty directory `target`. */
export interface CopyTreeArgs {
  readonly source: string
  readonly target: string
  readonly minFreeBytes: number
}

/** Arguments of `storage.volumeOwner`. */
export interface ChangeOwnerArgs {
  readonly path: string
  readonly uid: number
  readonly gid: number
}

/** Arguments of the tasks that bytes flow through: a Unix socket that the caller listens on. */
export interface VolumeStreamArgs {
  readonly path: string
  readonly socket: string
  readonly minFreeBytes: number
  /** Devices are left out. */
  readonly skipDevices: boolean
}

export const copyUpTask: NamespaceTask<CopyUpArgs, CopyUpResult> = { name: 'storage.volumeCopyUp' }
export const copyTreeTask: NamespaceTask<CopyTreeArgs, null> = { name: 'storage.volumeCopy' }
export const changeOwnerTask: NamespaceTask<ChangeOwnerArgs, null> = { name: 'storage.volumeOwner' }
export const exportTask: NamespaceTask<VolumeStreamArgs, null> = { name: 'storage.volumeExport' }
export const importTask: NamespaceTask<VolumeStreamArgs, null> = { name: 'storage.volumeImport' }

type HandlerOf<Task> =
  Task extends NamespaceTask<infer Args, infer Result, infer Progress> ? NamespaceTaskHandler<Args, Result, Progress> : never

const copyUp: HandlerOf<typeof copyUpTask> = async (args, context) => (await import('./tasks/copy-up.ts')).copyUp(args, context)
const copyTree: HandlerOf<typeof copyTreeTask> = async (args, context) => (await import('./tasks/copy-tree.ts')).copyTree(args, context)
const changeOwner: HandlerOf<typeof changeOwnerTask> = async (args, context) =>
  (await import('./tasks/change-owner.ts')).changeOwner(args, context)
const exportTar: HandlerOf<typeof exportTask> = async (args, context) => (await import('./tasks/streams.ts')).exportTar(args, context)
const importTar: HandlerOf<typeof importTask> = async (args, context) => (await import('./tasks/streams.ts')).importTar(args, context)

/** What volumes have done inside the namespace. */
export const volumeTaskHandlers: NamespaceTaskHandlers = {
  [copyUpTask.name]: copyUp,
  [copyTreeTask.name]: copyTree,
  [changeOwnerTask.name]: changeOwner,
  [exportTask.name]: exportTar,
  [importTask.name]: importTar,
}
