import type { HealthResult, HealthTest } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError, messageOf } from '@podwright/conventions'
import { Writable } from 'node:stream'
import { execInContainer } from '../containers/exec.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { endSession } from './end-session.ts'

/** How a test is run. */
export interface RunTestOptions extends AbortOptions {
  /** Absolute path of a directory for its session; made, and gone at its end. */
  readonly sessionDirectory: string
  /** How many characters of its output are kept; 0: all. */
  readonly logSize: number
}

/** How long a runtime may take beyond the time that the test has. */
const runtimePatienceMs = 10_000

/**
 * Runs a health test in a running container, as `exec` would, and kills it when it takes too long.
 *
 * @throws `ERR_CONTAINER_NOT_RUNNING`, `ERR_CONTAINER_PAUSED`
 */
export async function runTest(
  parts: EngineParts,
  record: ContainerRecord,
  { test, timeoutMs }: HealthTest,
  { sessionDirectory, logSize, signal }: RunTestOptions,
): Promise<HealthResult> {
  const startedAt = new Date(parts.clock.now())
  const output = collect(logSize === 0 ? Number.POSITIVE_INFINITY : logSize)
  const tooLong = new AbortController()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    void endSession(parts, sessionDirectory).catch(() => undefined)
  }, timeoutMs)
  const lastTimer = setTimeout(() => tooLong.abort(), timeoutMs + runtimePatienceMs)
  const ended = (exitCode: number, text: string): HealthResult => ({
    startedAt,
    finishedAt: new Date(Math.max(parts.clock.now(), startedAt.getTime())),
    exitCode,
    output: text,
  })
  try {
    const end = await execInContainer(
      parts,
      record,
      {
        command: test[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', test[1] ?? ''] : test.slice(1),
        streams: { stdout: output.stream(), stderr: output.stream() },
        signal: signal === undefined ? tooLong.signal : AbortSignal.any([signal, tooLong.signal]),
      },
      { directory: sessionDirectory },
    )
    if (isLate) return ended(-1, late(timeoutMs, output.text()))
    return ended(end?.type === 'exited' ? end.exitCode : -1, output.text())
  } catch (error) {
    signal?.throwIfAborted()
    if (isLate) return ended(-1, late(timeoutMs, output.text()))
    if (isPodwrightError(error, 'ERR_CONTAINER_NOT_RUNNING') || isPodwrightError(error, 'ERR_CONTAINER_PAUSED')) throw error
    return ended(exitCodeOf(error), messageOf(error))
  } finally {
    clearTimeout(timer)
    clearTimeout(lastTimer)
  }
}

function late(timeoutMs: number, output: string): string {
  return `the health check took longer than ${timeoutMs / 1000} s${output === '' ? '' : `: ${output}`}`
}

/** As `exec` would exit. */
function exitCodeOf(error: unknown): number {
  if (isPodwrightError(error, 'ERR_RUNTIME_COMMAND_NOT_FOUND')) return 127
  return isPodwrightError(error, 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE') ? 126 : -1
}

/** Keeps the beginning of what is written, in characters. */
function collect(most: number): { stream(): Writable; text(): string } {
  const decoder = new TextDecoder()
  let text = ''
  const stream = (): Writable =>
    new Writable({
      write(chunk: Uint8Array, _encoding, done) {
        if (text.length < most) text = (text + decoder.decode(chunk, { stream: true })).slice(0, most)
        done()
      },
    })
  return { stream, text: () => text }
}
