import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const relay = fileURLToPath(new URL('pseudo-terminal.py', import.meta.url))

/** How a command on a terminal ended. */
export interface TerminalEnd {
  readonly code: number
  /** Whether the terminal's settings are what they were before the command. */
  readonly restored: boolean
  readonly output: string
}

/** A command on a terminal of its own. */
export interface Terminal {
  /** The relay's; the command is its child. */
  readonly pid: number
  /** All that was shown so far. */
  readonly output: () => string
  type(keys: string): void
  resize(rows: number, columns: number): void
  /** Resolves once `pattern` was shown. */
  until(pattern: RegExp, timeoutMs?: number): Promise<void>
  readonly end: Promise<TerminalEnd>
}

/** Starts a command on a terminal of 24 rows and 80 columns. */
export function openTerminal(words: readonly string[], env: Readonly<Record<string, string>>): Terminal {
  const child = spawn('python3', [relay, '24', '80', ...words], {
    cwd: '/',
    env: { TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk))
  const output = (): string => Buffer.concat(chunks).toString()
  const report: Buffer[] = []
  const reports = child.stdio[4] as Readable
  reports.on('data', (chunk: Buffer) => report.push(chunk))
  const end = new Promise<TerminalEnd>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      const text = Buffer.concat(report).toString()
      if (text === '') reject(new Error(`the terminal broke: ${output()}`))
      else resolve({ ...(JSON.parse(text) as Omit<TerminalEnd, 'output'>), output: output() })
    })
  })
  end.catch(() => {})
  return {
    pid: child.pid ?? 0,
    output,
    type: (keys) => void child.stdin!.write(keys),
    resize: (rows, columns) => void (child.stdio[3] as Writable).write(`${rows} ${columns}\n`),
    until: (pattern, timeoutMs = 20_000) => untilShown(pattern, output, timeoutMs),
    end,
  }
}

async function untilShown(pattern: RegExp, output: () => string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!pattern.test(output())) {
    if (Date.now() > deadline) throw new Error(`${pattern} was not shown: ${JSON.stringify(output())}`)
    await sleep(20)
  }
}
