import type { ContainerLogging, LogDriver } from '@podwright/contracts'
import type { CommandContext } from '../../context.ts'
import { CliError } from '../../errors.ts'
import { readSize } from '../tuning/size-flag.ts'

const drivers: readonly string[] = ['k8s-file', 'json-file', 'journald', 'none', 'passthrough'] satisfies LogDriver[]
const known = 'k8s-file, json-file, journald, none or passthrough'
/** What docker and podman have besides. */
const others = ['local', 'syslog', 'gelf', 'fluentd', 'awslogs', 'splunk', 'etwlogs', 'gcplogs', 'logentries', 'passthrough-tty']
/** Options that docker's and podman's drivers have besides. */
const otherOptions = ['compress', 'labels-regex', 'env-regex', 'max-buffer-size', 'cache-disabled', 'size']
/** podman takes several options with commas between them; docker's labels and env have commas of their own. */
const nextOption = /,(?=(?:max-size|max-file|path|tag|labels|env|mode)=)/

/** The flags that say how a container is logged. */
export interface LoggingFlags {
  readonly 'log-driver'?: string | undefined
  readonly 'log-opt': readonly string[]
  readonly tty?: boolean | undefined
}

/**
 * What these flags ask for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readLogging(flags: LoggingFlags, context: Pick<CommandContext, 'stdin' | 'stdout' | 'stderr'>): ContainerLogging {
  const driver = readDriver(flags['log-driver'] ?? '')
  if (driver === 'passthrough') refuseTerminals(flags, context)
  const options = flags['log-opt'].flatMap((text) => text.split(nextOption)).map(readOption)
  return { ...(driver !== undefined && { driver }), ...Object.assign({}, ...options) }
}

function readDriver(text: string): LogDriver | undefined {
  if (text === '') return undefined
  if (drivers.includes(text)) return text as LogDriver
  const hint = `It is ${known}. A k8s-file is rotated with --log-opt max-size=10m.`
  if (others.includes(text)) {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --log-driver ${text}: podwright does not have this log driver yet`, {
      hint,
      details: { driver: text },
    })
  }
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --log-driver: there is no such log driver`, {
    hint,
    details: { driver: text },
  })
}

/** As podman: what is handed on must be no terminal, of which the container would be the master. */
function refuseTerminals({ tty }: LoggingFlags, { stdin, stdout, stderr }: Pick<CommandContext, 'stdin' | 'stdout' | 'stderr'>): void {
  if (tty !== true && ![stdin, stdout, stderr].some(({ isTerminal }) => isTerminal)) return
  throw new CliError('ERR_CLI_FLAG_CONFLICT', "the '--log-driver passthrough' option cannot be used on a TTY", {
    hint: 'Its stdin, stdout and stderr are given to the container: let all three be files or pipes, and leave out --tty.',
  })
}

function readOption(text: string): Partial<ContainerLogging> {
  const at = text.indexOf('=')
  const name = at < 0 ? text : text.slice(0, at)
  const value = at < 0 ? '' : text.slice(at + 1)
  if (at < 0) throw invalid(text, 'it is not NAME=VALUE')
  switch (name) {
    case 'max-size':
      return /^-?\d+$/.test(value) && Number(value) <= 0
        ? { maximumBytes: undefined }
        : { maximumBytes: readSize('--log-opt max-size', value) }
    case 'max-file':
      if (!/^\d{1,5}$/.test(value) || Number(value) < 1) throw invalid(text, 'it is no number of files')
      return { maximumFiles: Number(value) }
    case 'path':
      if (value === '') throw invalid(text, 'it names no file')
      return { path: process.getBuiltinModule('node:path').resolve(value) }
    case 'tag':
      return value === '' ? {} : { tag: value }
    case 'labels':
      return { labels: namesIn(value) }
    case 'env':
      return { environment: namesIn(value) }
    case 'mode':
      // What docker does by default, and what is done here.
      if (value === 'blocking') return {}
      throw unsupported(text)
    default:
      throw otherOptions.includes(name) ? unsupported(name) : invalid(text, 'there is no such log option')
  }
}

function namesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

const optionHint = 'There are max-size, max-file, path, tag, labels and env.'

function unsupported(option: string): CliError {
  return new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --log-opt ${option}: podwright does not have this log option yet`, {
    hint: optionHint,
    details: { option },
  })
}

function invalid(text: string, reason: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --log-opt: ${reason}`, {
    hint: optionHint,
    details: { option: text },
  })
}
