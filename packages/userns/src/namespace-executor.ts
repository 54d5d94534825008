import type { IdMap, NamespaceExecutor } from '@podwright/contracts'
import type { AbortOptions, Clock } from '@podwright/conventions'
import { findTool, requireTool } from '@podwright/linux'
import { executorOver, type ExecutorOptions } from './executor.ts'
import { readIdMap } from './id-map.ts'
import { makePause, ownIdMap } from './make-pause.ts'
import { enterWords } from './pause-process.ts'
import { livingPause } from './pause-record.ts'
import type { ReadSubIdsOptions } from './sub-ids.ts'

/** What an executor needs from others. */
export interface NamespaceExecutorComponents {
  /** Pids of processes that may still live in our namespaces: the monitors of running containers. Asked only when the pause process died. @default none */
  readonly survivors?: (() => Promise<readonly number[]>) | undefined
  /** Finds a tool's absolute path. @default `findTool` of @podwright/linux */
  readonly findTool?: ((name: string) => string | undefined) | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

/** Options of the rootless executor. */
export interface NamespaceExecutorOptions extends ExecutorOptions {
  /** Where the pause process is recorded and locked, in the data root: one per user. Made when it isn't there. */
  readonly stateDirectory: string
  /** Where the ranges of ids are looked up. */
  readonly subIds?: ReadSubIdsOptions | undefined
  /**
   * Files that are read-only in the mount namespace, as absolute paths: programs that are run inside, so that nothing inside can change them. Asked when the
   * namespaces are made; one that can't be made read-only stays as it is.
   *
   * @default none
   */
  readonly readOnlyFiles?: (() => readonly string[]) | undefined
}

/** The executor of root: nothing stands before a command, and a worker is a plain child. */
export function createHostExecutor(options: ExecutorOptions): NamespaceExecutor {
  return executorOver({ rootless: false, idMap: () => undefined, prefix: () => Promise.resolve([]) }, options)
}

/**
 * The executor of a plain user: one pause process per user holds a user namespace with the user's ranges of ids and a mount namespace, and everything
 * else enters those.
 *
 * As uid 0 (inside those namespaces, or inside a container), there is nothing to enter: the prefix is empty.
 */
export function createNamespaceExecutor(components: NamespaceExecutorComponents, options: NamespaceExecutorOptions): NamespaceExecutor {
  const inside = process.geteuid?.() === 0
  const find = components.findTool ?? findTool
  const prefix = async ({ signal }: AbortOptions = {}): Promise<readonly string[]> => {
    if (inside) return []
    signal?.throwIfAborted()
    const record = livingPause(options.stateDirectory) ?? (await makePause(components, options, signal))
    return [...enterWords(find('nsenter') ?? requireTool('nsenter'), record.pid), '--']
  }
  const idMap = (): IdMap | undefined => {
    if (inside) return undefined
    const record = livingPause(options.stateDirectory)
    return (record === undefined ? undefined : readIdMap(record.pid)) ?? ownIdMap(options.subIds)
  }
  return executorOver({ rootless: true, idMap, prefix }, options)
}
