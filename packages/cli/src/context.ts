import type { Engine, WindowSize } from '@podwright/contracts'
import type { Clock } from '@podwright/conventions'
import type { Readable, Writable } from 'node:stream'

/** stdin as a command sees it. Nothing is opened before it is used: a pipe's stream takes 5 ms of start-up. */
export interface Input {
  readonly isTerminal: boolean
  stream(): Readable
}

/** stdout or stderr as a command sees it. */
export interface Output {
  readonly isTerminal: boolean
  /** Characters that a line holds; 80 when there is no terminal. */
  readonly columns: number
  /** Lines that the terminal holds; 24 when there is none. */
  readonly rows: number
  /** Whether colours and cursor movements are welcome (a terminal, no NO_COLOR, TERM not `dumb`). */
  readonly isColorful: boolean
  /** Writes all of it before it returns. */
  write(content: string | Uint8Array): void
  /** The same descriptor as a stream, for what flows with back-pressure. */
  stream(): Writable
}

/** Signals that reach the process. */
export interface Signals {
  /** Aborted by SIGINT, SIGTERM or SIGHUP; the reason is a CliError `ERR_CLI_INTERRUPTED`. */
  readonly signal: AbortSignal
  /** Hands signals to `handler`, and calls nothing off, until disposed. @param names default: all that a container may see */
  relay(handler: (name: NodeJS.Signals) => void, names?: readonly NodeJS.Signals[]): Disposable
}

/** The terminal that a container's own is joined to. */
export interface Terminal {
  /**
   * Loads what makes stdin's terminal raw, so that doing it needs no waiting. Disposing what the function returns restores the terminal; so does
   * the end of the process, unless by SIGKILL.
   */
  loadRaw(): Promise<() => Disposable>
  /** The window's size now and at each change; undefined without a terminal. */
  windowSizes(): AsyncIterable<WindowSize> | undefined
}

/** How much is said on stderr. */
export type LogLevel = 'error' | 'warning' | 'info' | 'debug'

/** Everything that a command may use of the world. */
export interface CommandContext {
  /** podwright's own. */
  readonly version: string
  /** Opens the engine at the first call. @param flags global ones by name, in place of those of the command line */
  engine(flags?: Readonly<Record<string, unknown>>): Promise<Engine>
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly signals: Signals
  readonly terminal: Terminal
  readonly logLevel: LogLevel
  /** The whole command line, `podwright` first. */
  readonly commandLine: readonly string[]
}
