import type { HealthCheck, HealthResult } from '@podwright/contracts'
import type { Database } from '@podwright/linux'
import { healthAfter, type HealthRecord } from '../health/health-record.ts'
import { recordContainerEvent } from './event-log.ts'
import type { ContainerRow } from './record.ts'

/** A check that has ended, of the run of a container that it began in. */
export interface EndedCheck {
  readonly run: Pick<ContainerRow, 'id' | 'pid' | 'pidStart'>
  readonly result: HealthResult
  readonly passed: boolean
}

/**
 * Inside a transaction: puts a result on record, what follows from it, and the event of a change. Undefined when the container has been stopped or started
 * anew meanwhile, to which it says nothing.
 */
export function recordCheck(
  database: Database,
  row: ContainerRow | undefined,
  { run, result, passed }: EndedCheck,
): HealthRecord | undefined {
  const { healthCheck, health } = row?.keeping ?? {}
  if (row === undefined || healthCheck === undefined || health === undefined) return undefined
  if (row.pid !== run.pid || row.pidStart !== run.pidStart || row.desired !== 'running') return undefined
  const end = { passed, finishedAt: result.finishedAt.getTime(), containerStartedAt: row.startedAt ?? 0 }
  const after = healthAfter(healthCheck, health, end)
  addResult(database, row.id, healthCheck, result)
  database.statement('UPDATE containers SET health = ? WHERE id = ?').run(JSON.stringify(after), row.id)
  if (after.status !== health.status) {
    recordContainerEvent(database, row.id, { action: 'health_status', time: end.finishedAt, attributes: { health_status: after.status } })
  }
  return after
}

/** What was found since a time, the oldest first. */
export function readHealthLog(database: Database, id: string, since: number): HealthResult[] {
  return database
    .statement(
      'SELECT started_at, finished_at, exit_code, output FROM health_log WHERE container_id = ? AND started_at >= ? ORDER BY started_at',
    )
    .all(id, since)
    .map((found) => ({
      startedAt: new Date(Number(found['started_at'])),
      finishedAt: new Date(Number(found['finished_at'])),
      exitCode: Number(found['exit_code']),
      output: String(found['output']),
    }))
}

function addResult(
  database: Database,
  id: string,
  { logCount }: HealthCheck,
  { startedAt, finishedAt, exitCode, output }: HealthResult,
): void {
  database
    .statement('INSERT INTO health_log (container_id, started_at, finished_at, exit_code, output) VALUES (?, ?, ?, ?, ?)')
    .run(id, startedAt.getTime(), finishedAt.getTime(), exitCode, output)
  if (logCount === 0) return
  database
    .statement(
      'DELETE FROM health_log WHERE container_id = ?1 AND rowid NOT IN ' +
        '(SELECT rowid FROM health_log WHERE container_id = ?1 ORDER BY started_at DESC, rowid DESC LIMIT ?2)',
    )
    .run(id, logCount)
}
