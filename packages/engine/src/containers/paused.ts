import { EngineError } from '../errors.ts'
import type { ContainerRow } from '../state/record.ts'

/** The error of what can't be done to a paused container. @param act what was asked for: `attach to web` */
export function paused(act: string, { id, name }: Pick<ContainerRow, 'id' | 'name'>): EngineError {
  return new EngineError('ERR_CONTAINER_PAUSED', `cannot ${act}: it is paused`, {
    hint: `Unpause it first: podwright unpause ${name}`,
    details: { id, status: 'paused' },
  })
}
