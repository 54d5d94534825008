import type { NamespaceExecutor } from '@podwright/contracts'
import { type AbortOptions, messageOf } from '@podwright/conventions'
import { constants } from 'node:os'
import { UsernsError } from './errors.ts'

/** How a command runs inside. */
export interface RunInsideOptions extends AbortOptions {
  /** @default 'inherit' */
  readonly stdio?: 'inherit' | 'ignore' | undefined
  /** Where it starts; the root directory when that isn't there inside. @default the directory of this process */
  readonly cwd?: string | undefined
  /** @default that of this process */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** Entering a mount namespace leads to `/`; this goes back, by path, then becomes the command. */
const script = 'cd "$1" 2>/dev/null || cd /; shift; exec "$@"'

/** Signals that a terminal sends to the command by itself. */
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
const forwarded: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT']

/**
 * Runs a command inside the namespaces, in the foreground; signals are handed on to it.
 *
 * @returns its exit code: 127 when there is no such command, 126 when it can't be run, 128 and the signal's number when a signal killed it.
 * @throws ERR_USERNS_… when the namespaces can't be made, ERR_NAMESPACE_WORKER when the words of the prefix can't be run.
 */
export async function runInside(executor: NamespaceExecutor, command: readonly string[], options: RunInsideOptions = {}): Promise<number> {
  const { signal, stdio = 'inherit', cwd = process.cwd(), env } = options
  const prefix = await executor.prefix({ signal })
  const { spawn } = await import('node:child_process')
  const [path = '', ...args] = [...prefix, '/bin/sh', '-c', script, 'sh', cwd, ...command]
  const child = spawn(path, args, { stdio, env: env ?? process.env })
  const stopForwarding = forwardSignals((name) => child.kill(name))
  const onAbort = (): void => void child.kill('SIGTERM')
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(new UsernsError('ERR_NAMESPACE_WORKER', `cannot run ${path}: ${messageOf(cause)}`, { cause })))
      child.once('close', (code, killedBy) => resolve(code ?? 128 + (killedBy === null ? 0 : constants.signals[killedBy])))
    })
  } finally {
    stopForwarding()
    signal?.removeEventListener('abort', onAbort)
    signal?.throwIfAborted()
  }
}

function forwardSignals(send: (name: NodeJS.Signals) => void): () => void {
  const handlers = forwarded.map((name) => {
    const handler = (): void => {
      if (!(process.stdin.isTTY && fromTerminal.includes(name))) send(name)
    }
    process.on(name, handler)
    return () => process.off(name, handler)
  })
  return () => handlers.forEach((remove) => remove())
}
