import type { ContainerStatus, LogEntry, LogOptions } from '@podwright/contracts'
import { containerFiles } from '../containers/files.ts'
import { observe } from '../containers/observe.ts'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

const over: ReadonlySet<ContainerStatus> = new Set(['created', 'exited', 'removing'])

/** What a container has written, from wherever its log driver has put it. @throws `ERR_CONTAINER_NO_LOG`, `ERR_LOG_READ` */
export async function readContainerLog(parts: EngineParts, record: ContainerRecord, options: LogOptions): Promise<AsyncIterable<LogEntry>> {
  const { id, name, settings } = record
  const { driver = 'k8s-file', path } = settings.logging ?? {}
  if (driver === 'none' || driver === 'passthrough') {
    throw new EngineError('ERR_CONTAINER_NO_LOG', `cannot read the log of ${name}: its log driver is ${driver}, which keeps none`, {
      hint: 'Make it with --log-driver k8s-file, or without that flag.',
      details: { id, driver },
    })
  }
  const store = await parts.store()
  // A monitor that lives may have something to write yet, though the container's process is gone.
  const ended = (): boolean => {
    const row = store.find(id)
    return row === undefined || over.has(observe(row, parts.evidence).status)
  }
  const { readLog, readJournal } = await import('@podwright/runtime')
  if (driver === 'journald') return readJournal(id, { ...options, ended, clock: parts.clock })
  return readLog(path ?? containerFiles(parts.paths, id).log, { ...options, ended, clock: parts.clock })
}
