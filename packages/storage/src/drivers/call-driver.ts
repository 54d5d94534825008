import { type AbortOptions, messageOf } from '@podwright/conventions'
import type { PluginRequest } from '@podwright/contracts'
import { runTool } from '@podwright/linux'
import { spawnSync } from 'node:child_process'
import { StorageError } from '../errors.ts'
import type { ExecutableDriverOptions } from './executable-driver.ts'

const longestMs = 600_000
/** What a pure answer may take. */
const longestViewMs = 10_000

/** Runs the program for one request; the result that it answers. @throws `ERR_STORAGE_DRIVER_FAILED` */
export async function callDriver(
  { name, command, timeoutMs = longestMs }: ExecutableDriverOptions,
  prefix: readonly string[],
  verb: string,
  args: unknown,
  options: AbortOptions,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
  const [program = '', ...words] = [...prefix, ...command]
  try {
    const ended = await runTool(program, words, {
      input: requestOf(verb, args),
      allowFailure: true,
      abortSignal: 'SIGKILL',
      cwd: '/',
      signal,
    })
    return resultOf(name, verb, ended)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (error instanceof StorageError) throw error
    throw driverFailed(name, verb, timeout.aborted ? `it did not answer within ${timeoutMs / 1000} s` : messageOf(error), error)
  }
}

/** The same, without giving the thread back: for what must be answered at once. */
export function callDriverNow({ name, command }: ExecutableDriverOptions, verb: string, args: unknown): unknown {
  const [program = '', ...words] = command
  const ended = spawnSync(program, words, {
    input: requestOf(verb, args),
    cwd: '/',
    encoding: 'utf8',
    timeout: longestViewMs,
    killSignal: 'SIGKILL',
  })
  if (ended.error !== undefined) throw driverFailed(name, verb, messageOf(ended.error), ended.error)
  return resultOf(name, verb, { stdout: ended.stdout, stderr: ended.stderr, exitCode: ended.status ?? 128 })
}

function requestOf(verb: string, args: unknown): string {
  const request: PluginRequest = { apiVersion: 1, verb, args }
  return `${JSON.stringify(request)}\n`
}

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

function resultOf(name: string, verb: string, { stdout, stderr, exitCode }: Ended): unknown {
  const response = parse(stdout)
  if (response === undefined) {
    const said = stderr.trim().slice(-500) || stdout.trim().slice(0, 200) || 'nothing'
    throw driverFailed(name, verb, `it ended with ${exitCode}, and its answer is no JSON object: ${said}`)
  }
  if (response['apiVersion'] !== 1)
    throw driverFailed(name, verb, `it speaks version ${JSON.stringify(response['apiVersion'])} of the protocol, not 1`)
  if (response['error'] === undefined && 'result' in response) return response['result']
  const { message } = (response['error'] ?? {}) as Record<string, unknown>
  throw driverFailed(name, verb, typeof message === 'string' ? message : 'it answered neither a result nor an error')
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

export function driverFailed(name: string, verb: string, reason: string, cause?: unknown): StorageError {
  return new StorageError('ERR_STORAGE_DRIVER_FAILED', `the storage driver ${name} failed to ${verb}: ${reason}`, {
    cause,
    details: { driver: name, verb },
  })
}
