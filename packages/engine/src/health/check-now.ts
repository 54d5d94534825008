import type { HealthCheck, HealthResult } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { actOnFailure } from './act-on-failure.ts'
import { type HealthRecord, hasNotStarted } from './health-record.ts'
import { runTest } from './run-test.ts'

/** What a check found, and what is on record since. */
export interface CheckedHealth {
  readonly result: HealthResult
  /** Undefined: that run of the container was over by then. */
  readonly after: HealthRecord | undefined
}

/**
 * Checks a container's health now, puts on record what follows, and does what is to be done when it is unhealthy. No lock is held while the test runs: who
 * stops the container meanwhile ends the test, and then nothing is put on record.
 *
 * @throws `ERR_CONTAINER_NO_HEALTH_CHECK`, `ERR_CONTAINER_NOT_RUNNING`, `ERR_CONTAINER_PAUSED`
 */
export async function checkNow(
  parts: EngineParts,
  record: ContainerRecord,
  options: AbortOptions & { readonly sessionDirectory: string },
): Promise<CheckedHealth> {
  const { keeping, id, pid, pidStart } = record
  const check = keeping?.healthCheck
  if (check === undefined) throw noCheck(record)
  const test = keeping?.health?.startup === undefined ? check : (check.startup ?? check)
  const result = await runTest(parts, record, test, { ...options, logSize: check.logSize })
  const after = await (await parts.store()).recordCheck({ run: { id, pid, pidStart }, result, passed: result.exitCode === 0 })
  if (after !== undefined) await followUp(parts, record, check, after)
  return { result, after }
}

async function followUp(parts: EngineParts, record: ContainerRecord, check: HealthCheck, after: HealthRecord): Promise<void> {
  if (hasNotStarted(check, after)) await actOnFailure(parts, record, 'restart')
  else if (after.status === 'unhealthy' && check.onFailure !== 'none') await actOnFailure(parts, record, check.onFailure)
}

function noCheck({ id, name }: ContainerRecord): EngineError {
  return new EngineError('ERR_CONTAINER_NO_HEALTH_CHECK', `cannot check the health of ${name}: it has no health check`, {
    hint: `A container is given one when it is made: podwright run --health-cmd "…"`,
    details: { id },
  })
}
