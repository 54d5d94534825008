import type { AbortOptions } from '@podwright/conventions'
import { mkdirSync } from 'node:fs'
import type { EngineParts } from '../parts.ts'
import { takeAhead } from './ahead.ts'
import { holdCleanup } from './cleanup-command.ts'
import { endCreation } from './creation-lock.ts'
import { containerFiles } from './files.ts'
import { leaveSession } from './leave-session.ts'
import { createProcess, orUndo } from './make-process.ts'
import { readyToStart } from './start.ts'
import { lockState } from './state-lock.ts'

/**
 * Has the runtime make a container's process, with its mounts, namespaces and hooks, up to just before its first instruction, and leaves it so: `start` goes on
 * from there. Whoever is killed on the way leaves a start that was interrupted.
 */
export async function initializeContainer(parts: EngineParts, id: string, options: AbortOptions): Promise<void> {
  // One that this process has made to start it.
  takeAhead(id)?.[Symbol.dispose]()
  const files = containerFiles(parts.paths, id)
  const lock = await lockState(parts, id, options)
  let cleanup: ReturnType<typeof holdCleanup>
  try {
    mkdirSync(files.directory, { recursive: true, mode: 0o700 })
    cleanup = holdCleanup(files)
    const record = await readyToStart(parts, id)
    await leaveSession(parts)
    const pair = await parts.runtime(record.runtime || undefined)
    await createProcess(parts, pair, record, files, { signal: options.signal, windowSize: undefined, restarts: undefined })
    await orUndo(parts, pair, record, async () => {
      const pids = parts.evidence.readPids(id)
      // Nobody has asked for it to run: it is not started again when it ends.
      await (await parts.store()).update(id, { desired: 'created', ...pids }, { action: 'init', time: parts.clock.now() })
    })
  } finally {
    cleanup?.release()
    lock.release()
    endCreation(parts.paths, id)
  }
}
