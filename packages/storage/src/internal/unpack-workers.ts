import type { NamespaceExecutor, NamespaceSession } from '@podwright/contracts'
import { prepareUnpackTask } from '../tasks/tasks.ts'

/** Where workers that unpack come from. Each is told to load what it needs before it has anything to do. */
export interface UnpackWorkers extends AsyncDisposable {
  /** Starts one for whoever takes the next, unless one waits already. */
  prepare(): void
  /** One that belongs to the caller from now on: the one that waits, or a new one. */
  take(): Promise<NamespaceSession>
}

export function createUnpackWorkers(namespace: NamespaceExecutor): UnpackWorkers {
  let waiting: Promise<NamespaceSession> | undefined
  const start = (): Promise<NamespaceSession> => {
    const session = namespace.open()
    // What is wrong is told to whoever gives it something to do.
    session.then((opened) => opened.run(prepareUnpackTask, null)).catch(() => {})
    return session
  }
  return {
    prepare: () => void (waiting ??= start()),
    take() {
      const session = waiting ?? start()
      waiting = undefined
      return session
    },
    async [Symbol.asyncDispose]() {
      const session = waiting
      waiting = undefined
      await (await session?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}
