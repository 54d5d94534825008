import { spawn } from 'node:child_process'

/** A command to run, with what it is called in the output. */
export interface Step {
  readonly title: string
  readonly command: readonly [string, ...string[]]
  /** @default the workspace's root */
  readonly cwd?: string
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** How a step ended. */
export interface StepResult {
  readonly title: string
  readonly ok: boolean
  readonly seconds: number
  /** What it wrote on stdout and stderr, in order. */
  readonly output: string
}

/** Runs a step to its end, gathering its output. Never rejects: a command that can't start is a failed step. */
export function runStep(step: Step, cwd: string): Promise<StepResult> {
  const started = performance.now()
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    const done = (ok: boolean, extra = ''): void => {
      const seconds = (performance.now() - started) / 1000
      resolve({ title: step.title, ok, seconds, output: Buffer.concat(chunks).toString() + extra })
    }
    const [file, ...args] = step.command
    const child = spawn(file, args, {
      cwd: step.cwd ?? cwd,
      env: { ...process.env, ...step.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) => done(false, error.message))
    child.on('close', (code, signal) => done(code === 0, signal === null ? '' : `\nended by ${signal}`))
  })
}
