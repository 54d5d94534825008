import type { RestartPolicy } from '@podwright/contracts'
import type { ContainerSettings } from './record.ts'

/** What the keeper needs of a container. Times in milliseconds since the epoch. */
export interface Keeping {
  readonly restart: RestartPolicy
  /** When it is to be started again; only holds while its being run is desired. */
  readonly restartAt: number | undefined
  /** How long the last restart waited. */
  readonly restartDelayMs: number
  readonly restartCount: number
}

/** Read as one column, which is null for the plain ones. */
export const keepingColumn: string =
  "CASE WHEN kept = 1 THEN json_object('restart', json_extract(settings, '$.restart'), " +
  "'restartAt', restart_at, 'restartDelayMs', restart_delay, 'restartCount', restart_count) END AS keeping"

/** As the column has it: null for what is not there. */
export function parseKeeping(text: string): Keeping {
  const found = JSON.parse(text) as Omit<Keeping, 'restartAt'> & { readonly restartAt: number | null }
  return { ...found, restartAt: found.restartAt ?? undefined }
}

/** Of a container that is just made; undefined when there is nothing to keep. */
export function newKeeping({ restart }: Pick<ContainerSettings, 'restart'>): Keeping | undefined {
  return restart === undefined ? undefined : { restart, restartAt: undefined, restartDelayMs: 0, restartCount: 0 }
}
