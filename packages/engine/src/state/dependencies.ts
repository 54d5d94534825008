import type { Database } from '@podwright/linux'
import { EngineError } from '../errors.ts'
import type { ContainerRecord } from './record.ts'

/** Why one container needs another. */
export type DependencyReason = 'requires' | 'network' | 'pid' | 'ipc' | 'uts' | 'cgroup'

/** A container that needs another one. */
export interface Dependent {
  readonly id: string
  readonly name: string
  readonly reason: DependencyReason
}

/** The others that a container needs, by id. */
export function needsOf({ settings: { network, tuning } }: Pick<ContainerRecord, 'settings'>): readonly {
  readonly id: string
  readonly reason: DependencyReason
}[] {
  const { requires = [], pidNamespace, ipcNamespace, utsNamespace, cgroupNamespace } = tuning ?? {}
  const joined = { pid: pidNamespace, ipc: ipcNamespace, uts: utsNamespace, cgroup: cgroupNamespace } as const
  return [
    ...requires.map((id) => ({ id, reason: 'requires' as const })),
    ...(network.startsWith('container:') ? [{ id: network.slice('container:'.length), reason: 'network' as const }] : []),
    ...Object.entries(joined).flatMap(([reason, choice]) =>
      typeof choice === 'object' && 'container' in choice ? [{ id: choice.container, reason: reason as keyof typeof joined }] : [],
    ),
  ]
}

/** Inside the transaction that makes a container. @throws `ERR_CONTAINER_NOT_FOUND` when one that it needs is gone by now, or about to be */
export function recordNeeds(database: Database, record: Pick<ContainerRecord, 'id' | 'settings'>): void {
  for (const { id, reason } of needsOf(record)) {
    const { changes } = database
      .statement(
        "INSERT OR IGNORE INTO dependencies (container_id, needs_id, reason) SELECT ?, id, ? FROM containers WHERE id = ? AND status <> 'removing'",
      )
      .run(record.id, reason, id)
    if (Number(changes) === 0 && !isThere(database, id))
      throw new EngineError('ERR_CONTAINER_NOT_FOUND', `the container ${id.slice(0, 12)} is gone`, { details: { id } })
  }
}

/** Those that need a container. */
export function dependentsOf(database: Database, id: string): Dependent[] {
  return database
    .statement('SELECT id, name, reason FROM dependencies JOIN containers ON container_id = id WHERE needs_id = ? ORDER BY name')
    .all(id)
    .map((found) => ({ id: String(found['id']), name: String(found['name']), reason: found['reason'] as DependencyReason }))
}

/** Inside the transaction that takes a container's row away. */
export function forgetDependents(database: Database, id: string): void {
  database.statement('DELETE FROM dependencies WHERE needs_id = ?').run(id)
}

function isThere(database: Database, id: string): boolean {
  return database.statement("SELECT 1 FROM containers WHERE id = ? AND status <> 'removing'").get(id) !== undefined
}
