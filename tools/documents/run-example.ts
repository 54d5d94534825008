import type { Example } from '@podwright/e2e/examples'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How an example ended. */
export interface ExampleResult {
  /** Its exit status; null when it was ended by a signal, as one that runs too long is. */
  readonly code: number | null
  readonly output: string
}

/** Options of `runExample`. */
export interface RunExampleOptions {
  /** Added to the environment. @default nothing */
  readonly env?: Readonly<Record<string, string>>
  /** After which it is ended. @default 60_000 */
  readonly timeoutMs?: number
}

/** Runs an example from the package's source, as a reader would who pasted it into a file of a new directory. */
export async function runExample(example: Example, packageDirectory: string, options: RunExampleOptions = {}): Promise<ExampleResult> {
  // The file lies in the package, so that Node finds what it imports; it runs elsewhere, so that what it writes is gone with it.
  const directory = join(packageDirectory, '.cache', 'examples')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `example-${example.number}.ts`)
  writeFileSync(file, example.code)
  const cwd = mkdtempSync(join(tmpdir(), 'podwright-example-'))
  try {
    return await runNode(file, cwd, options)
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

function runNode(file: string, cwd: string, { env, timeoutMs = 60_000 }: RunExampleOptions): Promise<ExampleResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-C', '@podwright/source', file], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }))
  })
}
