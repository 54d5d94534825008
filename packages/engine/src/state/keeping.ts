import type { ContainerLogging, HealthCheck, RestartPolicy } from '@podwright/contracts'
import type { HealthRecord } from '../health/health-record.ts'
import type { ContainerSettings } from './record.ts'

/** What the keeper needs of a container. Times in milliseconds since the epoch. */
export interface Keeping {
  /** Undefined: it stays ended. */
  readonly restart: RestartPolicy | undefined
  /** When it is to be started again; only holds while its being run is desired. */
  readonly restartAt: number | undefined
  /** How long the last restart waited. */
  readonly restartDelayMs: number
  readonly restartCount: number
  /** Undefined: it is not looked whether it works. */
  readonly healthCheck?: HealthCheck | undefined
  /** Since its last start; undefined before the first one. */
  readonly health?: HealthRecord | undefined
}

/** When a container's log is rotated. */
export type LogRotation = Pick<ContainerLogging, 'path' | 'maximumFiles'> & { readonly maximumBytes: number }

/** What the keeper looks after; a plain container has none of it. */
export interface Kept {
  readonly keeping?: Keeping | undefined
  readonly rotation?: LogRotation | undefined
}

/** Read as one column, which is null for the plain ones. */
export const keepingColumn: string =
  "CASE WHEN kept = 1 THEN json_object('restart', json_extract(settings, '$.restart'), 'logging', json_extract(settings, '$.logging'), " +
  "'restartAt', restart_at, 'restartDelayMs', restart_delay, 'restartCount', restart_count, " +
  "'healthCheck', json_extract(settings, '$.health'), 'health', json(health)) END AS keeping"

/** As the column has it: null for what is not there. */
export function parseKept(text: string): Kept {
  const found = Object.entries(JSON.parse(text) as Record<string, unknown>).map(([name, value]) => [name, value ?? undefined] as const)
  const { logging, ...keeping } = Object.fromEntries(found) as unknown as Keeping & { readonly logging: ContainerLogging | undefined }
  const rotation = newRotation({ logging })
  return {
    ...((keeping.restart !== undefined || keeping.healthCheck !== undefined) && { keeping }),
    ...(rotation !== undefined && { rotation }),
  }
}

/** Whether the keeper ever has to do with it. */
export function isKept({ keeping, rotation }: Kept): boolean {
  return keeping !== undefined || rotation !== undefined
}

/** Undefined when the log is not rotated. */
export function newRotation({ logging }: Pick<ContainerSettings, 'logging'>): LogRotation | undefined {
  const { path, maximumBytes, maximumFiles } = logging ?? {}
  return maximumBytes === undefined ? undefined : { path, maximumBytes, maximumFiles }
}

/** Of a container that is just made; undefined when there is nothing to keep. */
export function newKeeping({ restart, health }: Pick<ContainerSettings, 'restart' | 'health'>): Keeping | undefined {
  if (restart === undefined && health === undefined) return undefined
  return { restart, restartAt: undefined, restartDelayMs: 0, restartCount: 0, healthCheck: health }
}
