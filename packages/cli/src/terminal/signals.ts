import { CliError } from '../errors.ts'
import type { Signals } from '../context.ts'

/** What calls a command off. */
const interrupting: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * What a foreground container gets to see. Left out: what can't be caught (SIGKILL, SIGSTOP, and in Node the real-time signals), what means us
 * (SIGCHLD, SIGPIPE, SIGPROF, SIGSEGV and its like), and what stops us when we touch the terminal from the background (SIGTTIN, SIGTTOU).
 */
export const relayedSignals: readonly NodeJS.Signals[] = [
  ...interrupting,
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGCONT',
  'SIGTSTP',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
  'SIGXCPU',
  'SIGXFSZ',
]

/** The number of a signal. */
export function signalNumber(name: NodeJS.Signals): number {
  return process.getBuiltinModule('node:os').constants.signals[name]
}

/** Takes the process's signals over. The second one that calls the command off ends the process at once. */
export function openSignals(): Signals {
  const controller = new AbortController()
  let handler: ((name: NodeJS.Signals) => void) | undefined
  const onSignal = (name: NodeJS.Signals): void => {
    if (handler !== undefined) return handler(name)
    if (!interrupting.includes(name)) return
    if (controller.signal.aborted) process.exit(128 + signalNumber(name))
    controller.abort(interrupted(name))
  }
  for (const name of interrupting) process.on(name, onSignal)
  return {
    signal: controller.signal,
    relay(next, names = relayedSignals) {
      const before = handler
      handler = next
      const added = names.filter((name) => !process.listeners(name).includes(onSignal))
      for (const name of added) process.on(name, onSignal)
      return {
        [Symbol.dispose]() {
          handler = before
          for (const name of added) process.off(name, onSignal)
        },
      }
    },
  }
}

/** What a command called off by a signal fails with. */
export function interrupted(name: NodeJS.Signals): CliError {
  return new CliError('ERR_CLI_INTERRUPTED', `called off by ${name}`, { details: { signal: name, signalNumber: signalNumber(name) } })
}
