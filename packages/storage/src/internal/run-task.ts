import type { NamespaceTask, NamespaceTaskHandler, RunTaskOptions } from '@podwright/contracts'
import type { Store } from './store.ts'

/** Runs a task where mapped files belong to us: root is there already, and saves the start of a worker. */
export async function runTask<Args, Result, Progress>(
  store: Pick<Store, 'namespace'>,
  task: NamespaceTask<Args, Result, Progress>,
  args: Args,
  { signal = new AbortController().signal, onProgress = (): void => {} }: RunTaskOptions<Progress> = {},
): Promise<Result> {
  if (store.namespace.rootless) return store.namespace.run(task, args, { signal, onProgress })
  const { storageTaskHandlers } = await import('../tasks/tasks.ts')
  const handler = storageTaskHandlers[task.name] as unknown as NamespaceTaskHandler<Args, Result, Progress>
  return handler(args, { signal, onProgress })
}
