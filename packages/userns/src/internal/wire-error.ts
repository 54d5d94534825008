import { isPodwrightError, PodwrightError } from '@podwright/conventions'
import { UsernsError } from '../errors.ts'

/** An error on its way between processes. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly stack?: string | undefined
  /** Set for our own errors. */
  readonly podwright?: { readonly code: string; readonly retryable: boolean; readonly hint?: string | undefined; readonly details: unknown }
  /** `code`, `errno`, `syscall`, `path` and `dest` of the system's. */
  readonly system?: Readonly<Record<string, unknown>>
  readonly cause?: WireError | undefined
  /** Of an AggregateError. */
  readonly errors?: readonly WireError[]
}

const systemKeys = ['code', 'errno', 'syscall', 'path', 'dest'] as const
const deepest = 5

/** Makes JSON of whatever was thrown. */
export function toWire(thrown: unknown, depth: number = 0): WireError {
  if (!(thrown instanceof Error))
    return toWire(new UsernsError('ERR_NAMESPACE_TASK', `a task threw what is not an error: ${String(thrown)}`))
  const cause = thrown.cause === undefined || depth >= deepest ? undefined : toWire(thrown.cause, depth + 1)
  const errors = thrown instanceof AggregateError && depth < deepest ? { errors: thrown.errors.map((each) => toWire(each, depth + 1)) } : {}
  const base = { name: thrown.name, message: thrown.message, stack: thrown.stack, cause, ...errors }
  if (isPodwrightError(thrown)) {
    const { code, retryable, hint, details } = thrown
    return { ...base, podwright: { code, retryable, hint, details: asJson(details) } }
  }
  const known = Object.fromEntries(systemKeys.flatMap((key) => (key in thrown ? [[key, thrown[key as keyof Error]]] : [])))
  return Object.keys(known).length === 0 ? base : { ...base, system: known }
}

/** The error again, recognisable as what it was; its stack is the one of the other process. */
export function fromWire(wire: WireError): Error {
  const error = rebuild(wire)
  error.name = wire.name
  if (wire.stack !== undefined) error.stack = wire.stack
  return error
}

function rebuild(wire: WireError): Error {
  const cause = wire.cause === undefined ? undefined : fromWire(wire.cause)
  if (wire.podwright !== undefined) {
    const { code, retryable, hint, details } = wire.podwright
    const facts = details as Readonly<Record<string, unknown>>
    return new PodwrightError(code, wire.message, { cause, retryable, details: facts, ...(hint === undefined ? {} : { hint }) })
  }
  const options = cause === undefined ? undefined : { cause }
  const error =
    wire.errors === undefined ? new Error(wire.message, options) : new AggregateError(wire.errors.map(fromWire), wire.message, options)
  return Object.assign(error, wire.system)
}

/** Details are meant to be JSON; what isn't must not cost the error itself. */
function asJson(details: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(details)) as unknown
  } catch {
    return {}
  }
}
