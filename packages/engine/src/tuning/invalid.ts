import { EngineError } from '../errors.ts'

/** An option that makes no sense. */
export function invalid(message: string, hint?: string): EngineError {
  return new EngineError('ERR_CONTAINER_OPTION_INVALID', message, hint === undefined ? {} : { hint })
}
