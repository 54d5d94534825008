import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resultsVariable, type SuiteResults } from './results.ts'

const reporter = fileURLToPath(new URL('results-reporter.ts', import.meta.url))

/** A directory with a vitest configuration. */
export interface Suite {
  /** What it is called in the output. */
  readonly name: string
  /** Absolute. */
  readonly directory: string
  /** Limits the run to files whose path contains one of these. @default every file */
  readonly files?: readonly string[]
  /** `verbose` prints a line per test, for suites whose tests take long. @default 'default' */
  readonly reporter?: 'default' | 'verbose'
  /** Relative to the directory. @default vitest.config.ts */
  readonly config?: string
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** How long it may take: a test that leaves a worker hanging must not keep all others from being told. @default 12 */
  readonly longestMinutes?: number
}

/**
 * Runs a suite with vitest, whose own output goes through.
 *
 * Never rejects: a run that ends without results, or that fails although nothing in the results did, is a fault in them.
 */
export async function runSuite(suite: Suite, vitestArgs: readonly string[] = []): Promise<SuiteResults> {
  const scratch = mkdtempSync(join(tmpdir(), 'podwright-results-'))
  const path = join(scratch, 'results.json')
  try {
    const config = suite.config === undefined ? [] : [`--config=${suite.config}`]
    const command = ['run', '--passWithNoTests', `--reporter=${suite.reporter ?? 'default'}`, `--reporter=${reporter}`, ...config]
    const ending = await runVitest(suite, [...command, ...vitestArgs, ...(suite.files ?? [])], path)
    return withEnding(readResults(path), ending)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function runVitest(suite: Suite, args: readonly string[], results: string): Promise<string | undefined> {
  const { directory, env, longestMinutes = 12 } = suite
  return new Promise((resolve) => {
    const child = spawn('vitest', args, {
      cwd: directory,
      env: { ...process.env, ...env, [resultsVariable]: results },
      stdio: ['ignore', 'inherit', 'inherit'],
      // A group of its own, so that it can be ended with all its workers.
      detached: true,
    })
    const end = (signal: NodeJS.Signals): void => void (child.pid !== undefined && process.kill(-child.pid, signal))
    const stopForwarding = forward(['SIGINT', 'SIGTERM', 'SIGHUP'], end)
    let late = false
    const timer = setTimeout(() => {
      late = true
      end('SIGKILL')
    }, longestMinutes * 60_000)
    const settle = (ending: string | undefined): void => {
      clearTimeout(timer)
      stopForwarding()
      resolve(ending)
    }
    child.on('error', (error) => settle(`vitest could not be started: ${error.message}`))
    child.on('close', (code, signal) => {
      settle(late ? `vitest did not end within ${longestMinutes} minutes` : code === 0 ? undefined : `vitest ended with ${signal ?? code}`)
    })
  })
}

/** Hands on what would have reached the whole group; the same signal then ends us. */
function forward(signals: readonly NodeJS.Signals[], send: (signal: NodeJS.Signals) => void): () => void {
  const handlers = signals.map((signal) => {
    const handler = (): void => {
      send(signal)
      process.exitCode = 1
    }
    process.once(signal, handler)
    return () => process.off(signal, handler)
  })
  return () => handlers.forEach((remove) => remove())
}

function readResults(path: string): SuiteResults | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SuiteResults
  } catch {
    return undefined
  }
}

/** Makes sure that a run that failed has something in its results that says so. */
export function withEnding(results: SuiteResults | undefined, ending: string | undefined): SuiteResults {
  if (results === undefined) return { tests: [], faults: ending === undefined ? [] : [`no results: ${ending}`] }
  const explained = results.faults.length > 0 || results.tests.some((test) => test.state === 'failed')
  return ending === undefined || explained ? results : { ...results, faults: [...results.faults, ending] }
}
