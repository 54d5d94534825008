import { systemClock } from '@podwright/conventions'
import type { Engine } from '@podwright/contracts'
import type { EngineOptions } from '@podwright/engine'
import { exitCodes } from './exit-codes.ts'
import { openInput, openOutput } from './output.ts'
import { type EngineChoice, type ProgramEnvironment, runProgram } from './program.ts'
import { renderError } from './render/error.ts'
import { openSignals } from './terminal/signals.ts'
import { openTerminal } from './terminal/terminal.ts'

/** As long as a timer can wait. */
const longMs = 2_147_483_647

const onBrokenPipe = (): never => process.exit(exitCodes.brokenPipe)

/**
 * Runs the command line of this process, and ends it.
 *
 * @param open opens the engine; default: `openEngine` of `@podwright/engine`
 */
export async function runProcess(version: string, open: ProgramEnvironment['openEngine'] = openEngine): Promise<never> {
  hideSqliteWarning()
  // Whatever a command waits for, a signal among it, it is waited for.
  setInterval(() => undefined, longMs)
  const stdout = openOutput(1, onBrokenPipe)
  const stderr = openOutput(2, onBrokenPipe)
  const onFault = (error: unknown): never => {
    stderr.write(`Error: podwright failed in a way that it should not\n${renderError(error, 'debug')}`)
    process.exit(exitCodes.failure)
  }
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault)
  const code = await runProgram(process.argv.slice(2), {
    version,
    openEngine: open,
    stdin: openInput(),
    stdout,
    stderr,
    env: process.env,
    clock: systemClock,
    signals: openSignals(),
    terminal: openTerminal(),
  })
  await Promise.all([stdout.flush(), stderr.flush()])
  letGoOfFiles()
  // What is still open (a terminal's stdin, an idle connection) must not keep the command.
  process.exit(code)
}

/**
 * Lets go of what of stdout and stderr is a file: koffi, once it is loaded, has a process wait at its end until they are on the disk (fsync), which takes longer
 * than most commands; and it waits for ever when that fails. `/dev/null` takes the place, as the lowest free number.
 */
function letGoOfFiles(): void {
  const { closeSync, fstatSync, openSync } = process.getBuiltinModule('node:fs')
  for (const fd of [1, 2]) {
    if (!fstatSync(fd).isFile()) continue
    closeSync(fd)
    openSync('/dev/null', 'w')
  }
}

async function openEngine(choice: EngineChoice): Promise<Engine> {
  const { openEngine: open } = await import('@podwright/engine')
  return open({ ...choice, ...bundledEntries(), processEnds: true, leavesSession: true })
}

/** Where the bundle has the processes that the engine starts; from source, the engine uses its own. */
function bundledEntries(): EngineOptions {
  if (import.meta.url.endsWith('.ts')) return {}
  const { fileURLToPath } = process.getBuiltinModule('node:url')
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
  return { entries: { worker: path('./worker.js'), cleanup: path('./cleanup.js'), keeper: path('./keeper.js') } }
}

/** Node 22 says that node:sqlite is experimental, on stderr of every command. */
function hideSqliteWarning(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void
  process.emitWarning = (...args: unknown[]): void => {
    if (!/\bSQLite\b/.test(String(args[0]))) emitWarning(...args)
  }
}
