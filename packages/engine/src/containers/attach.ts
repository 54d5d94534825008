import type { AttachEnd, AttachStreams } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { attach } from '@podwright/runtime'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { attachTarget, containerFiles } from './files.ts'
import { observe } from './observe.ts'
import { paused } from './paused.ts'
import { awaitExit } from './wait.ts'

/** The streams with what of the detach keys holds: without a terminal, what looks like them is data. None is looked at: a client may open it only then. */
export function withKeys(streams: AttachStreams, terminal: boolean): AttachStreams {
  if (terminal) return streams
  return {
    get stdin() {
      return streams.stdin
    },
    get stdout() {
      return streams.stdout
    },
    get stderr() {
      return streams.stderr
    },
    detachKeys: new Uint8Array(),
    window: streams.window,
  }
}

/** Joins a running container's streams until it ends or the client detaches. */
export async function attachToContainer(
  parts: EngineParts,
  record: ContainerRecord,
  streams: AttachStreams,
  options: AbortOptions,
): Promise<AttachEnd> {
  const observation = observe(record, parts.evidence)
  if (observation.status === 'paused') throw paused(`attach to ${record.name}`, record)
  if (observation.pid === 0) {
    throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot attach to ${record.name}: it is ${observation.status}`, {
      hint: `podwright start -a ${record.name} starts it and attaches.`,
      details: { id: record.id, status: observation.status },
    })
  }
  if (record.settings.logging?.driver === 'passthrough') {
    throw new EngineError(
      'ERR_CONTAINER_NO_LOG',
      `cannot attach to ${record.name}: its log driver is passthrough, so its streams are those of who started it`,
      {
        details: { id: record.id },
      },
    )
  }
  const reason = await attach(attachTarget(containerFiles(parts.paths, record.id)), withKeys(streams, record.settings.terminal), options)
  if (reason === 'detached') return { type: 'detached' }
  return { type: 'exited', exitCode: await awaitExit(parts, record.id, options) }
}
