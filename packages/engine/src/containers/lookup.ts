import { EngineError } from '../errors.ts'
import type { ContainerStore } from '../state/container-store.ts'
import type { ContainerRecord } from '../state/record.ts'

/** The container that a name, an id, or an unambiguous prefix of an id means. A name goes before a prefix. */
export function lookUpContainer(store: ContainerStore, reference: string): ContainerRecord {
  const exact = store.findByName(reference) ?? store.get(reference)
  if (exact !== undefined) return exact
  const ids = /^[0-9a-f]{1,64}$/.test(reference) ? store.idsByPrefix(reference) : []
  const [first] = ids
  if (first !== undefined && ids.length === 1) return store.require(first)
  if (ids.length > 1) {
    throw new EngineError(
      'ERR_CONTAINER_AMBIGUOUS',
      `"${reference}" fits ${ids.length} containers: ${ids.map((id) => id.slice(0, 12)).join(', ')}`,
      {
        hint: 'Give more digits of the id.',
      },
    )
  }
  throw new EngineError('ERR_CONTAINER_NOT_FOUND', `no container has the name or id "${reference}"`, {
    hint: 'podwright ps -a shows all containers.',
    details: { reference },
  })
}
