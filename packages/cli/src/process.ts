import { systemClock } from '@podwright/conventions'
import type { Engine } from '@podwright/contracts'
import type { EngineOptions } from '@podwright/engine'
import { exitCodes } from './exit-codes.ts'
import { openInput, openOutput } from './output.ts'
import { type EngineChoice, runProgram } from './program.ts'
import { openSignals } from './terminal/signals.ts'
import { openTerminal } from './terminal/terminal.ts'

const onBrokenPipe = (): never => process.exit(exitCodes.brokenPipe)

/** Runs the command line of this process, and ends it. */
export async function runProcess(version: string): Promise<never> {
  hideSqliteWarning()
  const code = await runProgram(process.argv.slice(2), {
    version,
    openEngine,
    stdin: openInput(),
    stdout: openOutput(1, onBrokenPipe),
    stderr: openOutput(2, onBrokenPipe),
    env: process.env,
    clock: systemClock,
    signals: openSignals(),
    terminal: openTerminal(),
  })
  // What is still open (a terminal's stdin, an idle connection) must not keep the command.
  process.exit(code)
}

async function openEngine(choice: EngineChoice): Promise<Engine> {
  const { openEngine: open } = await import('@podwright/engine')
  return open({ ...choice, ...bundledEntries() })
}

/** Where the bundle has the processes that the engine starts; from source, the engine uses its own. */
function bundledEntries(): EngineOptions {
  if (import.meta.url.endsWith('.ts')) return {}
  const { fileURLToPath } = process.getBuiltinModule('node:url')
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
  return { entries: { worker: path('./worker.mjs'), cleanup: path('./cleanup.mjs') } }
}

/** Node 22 says that node:sqlite is experimental, on stderr of every command. */
function hideSqliteWarning(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void
  process.emitWarning = (...args: unknown[]): void => {
    if (!/\bSQLite\b/.test(String(args[0]))) emitWarning(...args)
  }
}
