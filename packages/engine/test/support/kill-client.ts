import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EngineSandbox } from './sandbox.ts'

const client = fileURLToPath(new URL('call-client.ts', import.meta.url))

/** Has another process call a method of the containers, and kills it so many milliseconds after it has begun. */
export async function callAndKill(
  { root, runRoot }: EngineSandbox,
  call: readonly [method: string, reference: string, ...options: string[]],
  afterMs: number,
): Promise<void> {
  const child = spawn(process.execPath, ['-C', '@podwright/source', client, root, runRoot, ...call], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  await sleep(afterMs)
  child.kill('SIGKILL')
  // It may have ended before.
  await ended
}
