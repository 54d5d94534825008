import type { ContainerStats, ContainerSummary, Engine } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { isAbsence } from '../exit-codes.ts'
import type { StatsRow } from './stats-list.ts'

/** Which containers are looked at. */
export interface StatsChoice {
  /** Names and ids as given. Without them: those that run, at each look. */
  readonly references: readonly string[]
  /** Without references: also those that don't run. */
  readonly all: boolean
}

/**
 * A row for each container, in the order of the references, or the newest first.
 *
 * @param before what the look before has found, by id; undefined at the first, when what is named must be there
 */
export async function collectStats(
  engine: Engine,
  { references, all }: StatsChoice,
  before: ReadonlyMap<string, ContainerStats> | undefined,
): Promise<readonly StatsRow[]> {
  const named = references.length > 0
  const subjects = named
    ? (await Promise.all(references.map((reference) => find(engine, reference, before !== undefined)))).flat()
    : newestFirst(await engine.containers.list({ all })).map((summary) => ({ reference: summary.id, ...summary }))
  const rows = await Promise.all(
    subjects.map(async ({ reference, id, name }): Promise<StatsRow | undefined> => {
      const stats = await statsOf(engine, id)
      // One that has ended since it was listed is not shown, unless it was asked for.
      if (stats === undefined && !named && !all) return undefined
      return { reference, id, name, stats, before: earlier(before?.get(id), stats) }
    }),
  )
  return rows.filter((row) => row !== undefined)
}

async function find(
  engine: Engine,
  reference: string,
  mayBeGone: boolean,
): Promise<readonly (Pick<ContainerSummary, 'id' | 'name'> & { readonly reference: string })[]> {
  try {
    return [{ reference, ...(await engine.containers.inspect(reference)) }]
  } catch (error) {
    if (mayBeGone && isAbsence(error)) return []
    throw error
  }
}

/** What a container had used before it was started again says nothing of it now. */
function earlier(before: ContainerStats | undefined, stats: ContainerStats | undefined): ContainerStats | undefined {
  return before?.startedAt?.getTime() === stats?.startedAt?.getTime() ? before : undefined
}

async function statsOf(engine: Engine, id: string): Promise<ContainerStats | undefined> {
  try {
    return await engine.containers.stats(id)
  } catch (error) {
    if (isAbsence(error) || isPodwrightError(error, 'ERR_CONTAINER_NOT_RUNNING')) return undefined
    throw error
  }
}

function newestFirst(containers: readonly ContainerSummary[]): readonly ContainerSummary[] {
  return containers.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
}
