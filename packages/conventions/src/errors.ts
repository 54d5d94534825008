/** Recognises errors across separately versioned copies of this package. */
const errorMark: unique symbol = Symbol.for('podwright.error') as never

/** What an error carries besides its message. */
export interface PodwrightErrorOptions {
  /** What made it fail, kept for `--log-level debug` and for programs. */
  readonly cause?: unknown
  /** Whether the same call may succeed later without anything being changed. @default false */
  readonly retryable?: boolean
  /** The next step for whoever reads the message: a sentence, or a command to type. */
  readonly hint?: string
  /** Machine-readable facts: the subject, a status, a registry's own error code. Never credentials. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * The base of every error that podwright's packages throw on purpose.
 *
 * The message names the operation, its subject and the reason; `hint` the next step; `code` (`ERR_…`) is stable and is what programs
 * compare. Each package documents its codes in its README.
 */
export class PodwrightError<Code extends string = string> extends Error {
  readonly code: Code
  readonly retryable: boolean
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: Code, message: string, options: PodwrightErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable ?? false
    this.hint = options.hint
    this.details = options.details ?? {}
    Object.defineProperty(this, errorMark, { value: true })
  }
}

/** Whether `value` is a podwright error (of any copy of this package), and, when given, of that code. */
export function isPodwrightError(value: unknown, code?: string): value is PodwrightError {
  return value instanceof Error && errorMark in value && (code === undefined || (value as { code?: unknown }).code === code)
}

/** What is said of a thrown value: its message, or the value itself as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The POSIX code of a Node system error (`ENOENT`), or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
