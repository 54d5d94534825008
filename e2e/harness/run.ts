import { type ChildProcess, spawn } from 'node:child_process'

/** How a command ended, and all that it wrote. */
export interface RunResult {
  /** As a shell counts: 128 and its number for a signal. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly stdoutBytes: Buffer
}

/** Options of a run. */
export interface RunOptions {
  /** Its stdin; without it, stdin is empty. */
  readonly input?: string | Uint8Array
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** After which it is killed and the run fails. @default 60_000 */
  readonly timeoutMs?: number
}

/** A command that is running. */
export interface RunningCommand {
  readonly child: ChildProcess
  readonly result: Promise<RunResult>
  /** Resolves once its stdout holds `text`. */
  untilStdout(text: string): Promise<void>
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGPIPE: 13,
  SIGTERM: 15,
}

/** Starts a command with an environment of its own. */
export function start(words: readonly string[], env: Readonly<Record<string, string>>, options: RunOptions = {}): RunningCommand {
  const [command, ...args] = words
  const child = spawn(command!, args, { cwd: options.cwd ?? '/', env: { ...env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  const watchers = new Set<() => void>()
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk)
    for (const look of watchers) look()
  })
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A command that doesn't read its stdin is no fault.
  child.stdin.on('error', () => {})
  if (options.input !== undefined) child.stdin.end(options.input)
  else child.stdin.end()

  const result = new Promise<RunResult>((resolve, reject) => {
    const text = (): string => `${words.join(' ')}\n${Buffer.concat(stdout).toString()}\n${Buffer.concat(stderr).toString()}`
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`still running after its time: ${text()}`))
    }, options.timeoutMs ?? 60_000)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const bytes = Buffer.concat(stdout)
      resolve({
        code: code ?? 128 + (signalNumbers[signal ?? ''] ?? 0),
        stdout: bytes.toString(),
        stderr: Buffer.concat(stderr).toString(),
        stdoutBytes: bytes,
      })
    })
  })
  // Whoever awaits it sees the rejection; whoever only watches must not be brought down by it.
  result.catch(() => {})
  return { child, result, untilStdout: (text) => untilWritten(text, stdout, watchers, result) }
}

function untilWritten(text: string, written: readonly Buffer[], watchers: Set<() => void>, ended: Promise<RunResult>): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!Buffer.concat(written).includes(text)) return
      watchers.delete(look)
      resolve()
    }
    watchers.add(look)
    look()
    ended.then(({ stderr }) => reject(new Error(`it ended before it wrote ${JSON.stringify(text)}: ${stderr}`)), reject)
  })
}
