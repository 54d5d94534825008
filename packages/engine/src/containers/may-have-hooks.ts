import type { ContainerSettings } from '../state/record.ts'

/**
 * Whether the runtime may have programs to run when it forgets the container: a described device can ask for that. They must be run once, and be waited for, so that
 * only the clean-up under the state lock has the runtime forget it, and not the monitor besides.
 */
export function mayHaveHooks({ tuning }: ContainerSettings): boolean {
  return tuning?.cdiDevices !== undefined || tuning?.gpus !== undefined
}
