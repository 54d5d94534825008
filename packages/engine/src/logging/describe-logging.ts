import type { ContainerFiles } from '../containers/files.ts'
import type { ContainerRecord } from '../state/record.ts'
import { logFile } from './log-target.ts'
import { expandTag } from './tag.ts'

/** What `inspect` tells of a log. */
export interface LoggingDescription {
  /** Undefined when it isn't logged to files. */
  readonly file: string | undefined
  /** Of each line, by name. */
  readonly details: Readonly<Record<string, string>>
}

/** Where a container with settings for its log is logged, and what its options say of each line. */
export function describeLogging(record: ContainerRecord, files: Pick<ContainerFiles, 'log'>): LoggingDescription {
  const { labels, environment, logging = {} } = record.settings
  const variables = Object.fromEntries(environment.map((variable) => splitAt(variable, variable.indexOf('='))))
  return {
    file: logFile(logging, files),
    details: {
      ...chosen(labels, logging.labels),
      ...chosen(variables, logging.environment),
      ...(logging.tag !== undefined && { tag: expandTag(logging.tag, record) }),
    },
  }
}

function chosen(values: Readonly<Record<string, string>>, names: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name] ?? '']))
}

function splitAt(text: string, at: number): readonly [string, string] {
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
