import type { ContainerLogging, MonitoredContainer } from '@podwright/contracts'
import type { ContainerFiles } from '../containers/files.ts'
import type { ContainerRecord } from '../state/record.ts'
import { invalid } from '../tuning/invalid.ts'
import { expandTag } from './tag.ts'

/** The newest file of a container's log; undefined when it isn't logged to files. */
export function logFile({ driver = 'k8s-file', path }: ContainerLogging, files: Pick<ContainerFiles, 'log'>): string | undefined {
  return driver === 'k8s-file' || driver === 'json-file' ? (path ?? files.log) : undefined
}

/** Where the monitor of a container with settings for its log is to write. */
export function logTarget(
  record: ContainerRecord,
  files: Pick<ContainerFiles, 'log'>,
): Pick<MonitoredContainer, 'logDriver' | 'logPath' | 'logTag'> {
  const { logging = {} } = record.settings
  const { driver = 'k8s-file', tag } = logging
  if (driver === 'passthrough') refuseTerminals(record)
  return {
    logPath: logFile(logging, files) ?? '',
    logDriver: driver === 'json-file' ? 'k8s-file' : driver,
    ...(driver === 'journald' && tag !== undefined && { logTag: expandTag(tag, record) }),
  }
}

const standardDescriptors = [0, 1, 2]

/** Whoever has a terminal may type on it for its owner. */
function refuseTerminals({ name }: Pick<ContainerRecord, 'name'>): void {
  const { isatty } = process.getBuiltinModule('node:tty')
  if (!standardDescriptors.some((descriptor) => isatty(descriptor))) return
  throw invalid(
    `cannot start ${name}: its log driver is passthrough, and what it would be given is a terminal`,
    'Let stdin, stdout and stderr be files or pipes: </dev/null 2>&1 | cat',
  )
}
