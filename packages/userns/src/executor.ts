import type { NamespaceExecutor } from '@podwright/contracts'
import { openWorker, type WorkerEntry } from './worker.ts'

/** Options of every executor. */
export interface ExecutorOptions {
  /** The program that a worker runs. */
  readonly workerEntry: WorkerEntry
  /** Given what workers write on stderr. @default dropped */
  readonly onDiagnostics?: ((text: string) => void) | undefined
}

/** Adds workers to what leads into a namespace. */
export function executorOver(
  entrance: Pick<NamespaceExecutor, 'rootless' | 'idMap' | 'prefix'>,
  { workerEntry, onDiagnostics }: ExecutorOptions,
): NamespaceExecutor {
  const open: NamespaceExecutor['open'] = async (options) =>
    openWorker({ prefix: await entrance.prefix(options), entry: workerEntry, onDiagnostics })
  return {
    ...entrance,
    open,
    run: async (task, args, options) => {
      const session = await open({ signal: options?.signal })
      try {
        return await session.run(task, args, options)
      } finally {
        await session[Symbol.asyncDispose]()
      }
    },
  }
}
