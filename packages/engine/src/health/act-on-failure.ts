import { parseSignal } from '@podwright/runtime'
import { restartContainer } from '../containers/restart.ts'
import { awaitExit } from '../containers/wait.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

const sigkill = 9

/**
 * Does what a container is to have that is not well. Nobody has asked for its end, so that its restart policy holds after `kill` and `stop`. Whoever has started
 * it anew meanwhile was faster.
 */
export async function actOnFailure(parts: EngineParts, record: ContainerRecord, action: 'kill' | 'restart' | 'stop'): Promise<void> {
  const { id } = record
  const now = (await parts.store()).find(id)
  if (now === undefined || now.pid !== record.pid || now.pidStart !== record.pidStart || now.desired !== 'running') return
  if (action === 'restart') {
    await restartContainer(parts, id, {})
    return
  }
  const { runtime } = await parts.runtime(record.runtime)
  if (action === 'stop' && record.settings.stopTimeoutSeconds > 0) {
    await runtime.kill(id, parseSignal(record.settings.stopSignal))
    if (await endsWithin(parts, id, record.settings.stopTimeoutSeconds * 1000)) return
  }
  await runtime.kill(id, sigkill)
}

async function endsWithin(parts: EngineParts, id: string, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    await awaitExit(parts, id, { signal })
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}
