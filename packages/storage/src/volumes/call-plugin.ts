import { type AbortOptions, isPodwrightError, messageOf } from '@podwright/conventions'
import type { PluginRequest } from '@podwright/contracts'
import { runTool, type ToolResult } from '@podwright/linux'
import { StorageError } from '../errors.ts'
import type { ExecutableVolumeDriverOptions } from './executable-driver.ts'

const longestMs = 120_000

/** Runs the program for one request; the result that it answers. @throws `ERR_VOLUME_DRIVER_FAILED`; `ERR_VOLUME_OPTION` when that is its error's code */
export async function callPlugin(
  { name, command, timeoutMs = longestMs }: ExecutableVolumeDriverOptions,
  verb: string,
  args: unknown,
  options: AbortOptions,
): Promise<unknown> {
  const request: PluginRequest = { apiVersion: 1, verb, args }
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
  const [program = '', ...words] = command
  let ended: ToolResult
  try {
    ended = await runTool(program, words, {
      input: `${JSON.stringify(request)}\n`,
      allowFailure: true,
      abortSignal: 'SIGKILL',
      cwd: '/',
      signal,
    })
  } catch (error) {
    options.signal?.throwIfAborted()
    const reason = timeout.aborted ? `it did not answer within ${timeoutMs / 1000} s` : messageOf(error)
    throw failed(name, verb, reason, { cause: error, ...(isPodwrightError(error) && error.hint !== undefined && { hint: error.hint }) })
  }
  return resultOf(name, verb, ended)
}

function resultOf(name: string, verb: string, { stdout, stderr, exitCode }: ToolResult): unknown {
  const response = parse(stdout)
  if (response === undefined) {
    const said = stderr.trim().slice(-500) || stdout.trim().slice(0, 200) || 'nothing'
    throw failed(name, verb, `it ended with ${exitCode}, and its answer is no JSON object: ${said}`)
  }
  if (response['apiVersion'] !== 1)
    throw failed(name, verb, `it speaks version ${JSON.stringify(response['apiVersion'])} of the protocol, not 1`)
  const { error } = response
  if (error === undefined && 'result' in response) return response['result']
  const { code, message, hint } = (error ?? {}) as Record<string, unknown>
  const told = { ...(typeof hint === 'string' && { hint }), details: { driver: name, verb, code } }
  if (code === 'ERR_VOLUME_OPTION') throw new StorageError('ERR_VOLUME_OPTION', String(message), told)
  throw failed(name, verb, typeof message === 'string' ? message : 'it answered neither a result nor an error', told)
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function failed(name: string, verb: string, reason: string, options: ConstructorParameters<typeof StorageError>[2] = {}): StorageError {
  return new StorageError('ERR_VOLUME_DRIVER_FAILED', `the volume driver ${name} failed to ${verb}: ${reason}`, options)
}
