import type { RuntimeState } from '@podwright/contracts'
import { RuntimeError } from '../errors.ts'

const statuses: readonly RuntimeState['status'][] = ['creating', 'created', 'running', 'stopped', 'paused']

/** Parses what `state` prints (runtime-spec, "State"). @throws `ERR_RUNTIME_FAILED` */
export function parseRuntimeState(text: string): RuntimeState {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid(text, cause)
  }
  const { id, status, pid, bundle } = (value ?? {}) as Readonly<Record<string, unknown>>
  const known = statuses.find((one) => one === status)
  if (typeof id !== 'string' || known === undefined || typeof bundle !== 'string') throw invalid(text, undefined)
  return { id, status: known, bundle, ...(typeof pid === 'number' ? { pid } : {}) }
}

function invalid(text: string, cause: unknown): RuntimeError {
  return new RuntimeError('ERR_RUNTIME_FAILED', `the runtime's state is not a state document: ${text.slice(0, 200)}`, { cause })
}
