import type { CheckpointWords, MonitoredContainer } from '@podwright/contracts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RuntimeError } from '../errors.ts'

/** What `checkpoint` and `restore` of a runtime's command line have in common. */
export function checkpointWords(
  runtime: string,
  { tcpEstablished, fileLocks, emptyNetwork }: CheckpointWords & { readonly emptyNetwork: boolean },
): readonly string[] {
  return [
    ...(tcpEstablished === true ? ['--tcp-established'] : []),
    ...(fileLocks === true ? ['--file-locks'] : []),
    // crun leaves network namespaces alone by itself.
    ...(emptyNetwork && runtime !== 'crun' ? ['--empty-ns', 'network'] : []),
  ]
}

/** Adds to what a runtime says, which is not much, what CRIU has written on its log. */
export async function withCriuWords(directory: string, log: string, work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    throw withWords(error.message, criuWords(join(directory, log)), error)
  }
}

/** The error of a restore: the monitor has CRIU write its log into the bundle. */
export function criuFailure(runtime: string, { name, bundle }: Pick<MonitoredContainer, 'name' | 'bundle'>, message: string): RuntimeError {
  return withWords(`cannot restore container ${name}: ${runtime}: ${message.trim()}`, criuWords(join(bundle, 'restore.log')), undefined)
}

function withWords(message: string, words: string, cause: unknown): RuntimeError {
  // A log that is quoted need not be named, and may be gone by now.
  const told = words === '' ? message : `${message.replace(/\nlog file: .*/, '')}\ncriu: ${words}`
  return new RuntimeError('ERR_RUNTIME_CHECKPOINT', told, {
    cause,
    hint: 'Whether CRIU works on this host is told by: criu check',
    details: { exitStatus: 125 },
  })
}

/** The lines that say what went wrong, of which the first is most often the reason: `(00.012345) Error (criu/vdso.c:123): vdso: …`. */
function criuWords(path: string): string {
  const errors = readIfThere(path)
    .split('\n')
    .flatMap((line) => /^\(\d+\.\d+\)\s+(?:\d+:\s+)?(Error .*)$/.exec(line)?.[1] ?? [])
  return errors.slice(0, 3).join('; ')
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
