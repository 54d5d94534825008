import { EngineError } from '../errors.ts'
import { needsManager } from '../tuning/resources.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'

/** The error of what needs a control group of the container's own. @param why goes on after "control groups, and" */
export function noControlGroup(
  { rootless }: EngineParts,
  { id, name }: Pick<ContainerRecord, 'id' | 'name'>,
  verb: string,
  why: string,
): EngineError {
  const whose = rootless ? "a plain user's containers here" : 'containers on this machine'
  return new EngineError('ERR_CONTAINER_NO_CGROUP', `cannot ${verb} ${name}: ${whose} have no control groups, and ${why}`, {
    hint: rootless ? `${needsManager} Or run the container as root.` : 'Mount them below /sys/fs/cgroup.',
    details: { id },
  })
}
