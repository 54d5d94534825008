import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Descriptor } from './descriptor.ts'
import { LinuxError } from './errors.ts'
import { type ChildDescriptor, type SpawnedProcess, spawnProcess } from './spawn-process.ts'
import { installHint } from './tool-packages.ts'

/** How a tool runs. */
export interface RunToolOptions extends AbortOptions {
  /** Given on its stdin, which is empty otherwise. */
  readonly input?: string | Uint8Array | undefined
  /** Its whole environment. @default that of this process */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** @default that of this process */
  readonly cwd?: string | undefined
  /** `inherit` gives it our streams (a terminal): the output of the result is then empty. @default 'pipe' */
  readonly stdio?: 'pipe' | 'inherit' | undefined
  /** A descriptor of ours that it has as its descriptor 3. It must be above 2. @default none */
  readonly descriptor?: number | undefined
  /** Resolve for any exit code, instead of throwing ERR_TOOL_FAILED. @default false */
  readonly allowFailure?: boolean | undefined
  /** The signal that an abort sends. @default 'SIGTERM' */
  readonly abortSignal?: NodeJS.Signals | undefined
}

/** How a tool ended. */
export interface ToolResult {
  /** 128 and the signal's number when a signal killed it, as shells count. */
  readonly exitCode: number
  readonly signal: NodeJS.Signals | undefined
  readonly stdout: string
  readonly stderr: string
}

/** What of a tool's stderr goes into an error. */
const tailLength = 2000

const found = new Map<string, string>()

/** The path of a system tool, from PATH, then the directories that plain users often lack on it; undefined when it isn't installed. */
export function findTool(name: string): string | undefined {
  const known = found.get(name)
  if (known !== undefined) return known
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  const path = isAbsolute(name)
    ? [name].find(isExecutable)
    : directories
        .filter(isAbsolute)
        .map((directory) => join(directory, name))
        .find(isExecutable)
  if (path !== undefined) found.set(name, path)
  return path
}

/**
 * The path of a system tool.
 *
 * @throws ERR_TOOL_NOT_FOUND with the package to install as its hint.
 */
export function requireTool(name: string): string {
  const path = findTool(name)
  if (path !== undefined) return path
  throw new LinuxError('ERR_TOOL_NOT_FOUND', `cannot find ${name}: it is not on PATH, nor in the system's directories`, {
    hint: installHint(name),
    details: { tool: name },
  })
}

/**
 * Runs a system tool to its end.
 *
 * @param tool a name, found as `findTool` does, or an absolute path.
 * @throws ERR_TOOL_NOT_FOUND; ERR_TOOL_FAILED with `details` {tool, exitCode, signal, stderr}; `signal.reason` once it is gone after an abort.
 */
export async function runTool(tool: string, args: readonly string[], options: RunToolOptions = {}): Promise<ToolResult> {
  options.signal?.throwIfAborted()
  const path = requireTool(tool)
  const child = spawnProcess(path, args, { descriptors: descriptorsFor(options), cwd: options.cwd, env: options.env })
  const result = await outcome(child, options)
  options.signal?.throwIfAborted()
  if (result.exitCode === 0 || options.allowFailure === true) return result
  throw failed(path, args, result)
}

function descriptorsFor({ stdio = 'pipe', input, descriptor }: RunToolOptions): readonly ChildDescriptor[] {
  const streams: readonly ChildDescriptor[] =
    stdio === 'inherit' ? ['inherit', 'inherit', 'inherit'] : [input === undefined ? 'null' : 'reads', 'writes', 'writes']
  return descriptor === undefined ? streams : [...streams, descriptor]
}

async function outcome(child: SpawnedProcess, { signal, input, abortSignal = 'SIGTERM' }: RunToolOptions): Promise<ToolResult> {
  const [stdin, stdout, stderr] = child.pipes
  const onAbort = (): void => child.kill(abortSignal)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const [output, errors] = await Promise.all([readText(stdout), readText(stderr), giveInput(stdin, input)])
    return { ...(await child.exited()), stdout: output, stderr: errors }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    child.release()
  }
}

/** A tool may end without having read its input. */
async function giveInput(stdin: Descriptor | undefined, input: string | Uint8Array = ''): Promise<void> {
  try {
    await stdin?.write(input)
  } catch (error) {
    if (systemCodeOf(error) !== 'EPIPE') throw error
  } finally {
    stdin?.close()
  }
}

/** All that comes until the other end is closed. */
async function readText(pipe: Descriptor | undefined): Promise<string> {
  return pipe === undefined ? '' : Buffer.from(await pipe.readAll()).toString()
}

function failed(path: string, args: readonly string[], result: ToolResult): LinuxError {
  const stderr = result.stderr.trim().slice(-tailLength)
  const how = result.signal === undefined ? `it ended with ${result.exitCode}` : `it was killed by ${result.signal}`
  return new LinuxError('ERR_TOOL_FAILED', `cannot run ${[path, ...args].join(' ')}: ${how}${stderr === '' ? '' : `: ${stderr}`}`, {
    details: { tool: path, exitCode: result.exitCode, signal: result.signal, stderr },
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
