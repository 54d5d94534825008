import type { Engine, TreeFiles } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { containerSide, type CopySide } from './copy-side.ts'
import type { CopyPlace } from './copy-place.ts'
import { localSide } from './local-side.ts'

/** The two sides of a copy, until it is disposed of. */
export interface OpenSides extends AsyncDisposable {
  readonly from: CopySide
  readonly to: CopySide
  /** Both are in one container: what is read must be read to its end before anything is written. */
  readonly isOne: boolean
}

type Side = Exclude<CopyPlace, { readonly type: 'stream' }>

/** Opens both sides. Containers in the order of their ids: of two copies that go to and fro between stopped ones, one waits for the other. */
export async function openSides(engine: Engine, from: Side, to: Side, options: AbortOptions): Promise<OpenSides> {
  const ids = [await idOf(engine, from, options), await idOf(engine, to, options)] as const
  const open = new Map<string, TreeFiles>()
  const dispose = async (): Promise<void> => {
    for (const files of open.values()) await files[Symbol.asyncDispose]()
  }
  try {
    for (const id of [...new Set(ids)].toSorted()) if (id !== '') open.set(id, await engine.containers.files(id, options))
    const sideOf = (place: Side, id: string): CopySide => {
      const files = open.get(id)
      return place.type === 'local' || files === undefined ? localSide() : containerSide(place.reference, files)
    }
    return { from: sideOf(from, ids[0]), to: sideOf(to, ids[1]), isOne: ids[0] === ids[1], [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Empty for what is here. */
async function idOf(engine: Engine, place: Side, options: AbortOptions): Promise<string> {
  return place.type === 'local' ? '' : (await engine.containers.inspect(place.reference, options)).id
}
