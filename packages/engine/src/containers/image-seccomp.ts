import type { ContainerOptions } from '@podwright/contracts'
import { messageOf } from '@podwright/conventions'
import type { ImageConfig } from '@podwright/oci'
import { parseSeccompProfile } from '@podwright/runtime'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { invalid } from '../tuning/invalid.ts'

/** podman-run(1), `--seccomp-policy`. */
const label = 'io.containers.seccomp.profile'

type Profile = ReturnType<typeof parseSeccompProfile>

/** @throws `ERR_CONTAINER_OPTION_INVALID` when the image has no profile of its own, or another is asked for */
export function checkImageSeccomp({ seccompProfile }: Pick<ContainerOptions, 'seccompProfile'>, config: ImageConfig): void {
  if (seccompProfile !== undefined) throw invalid('--seccomp-policy image and --security-opt seccomp= contradict each other')
  readProfile(config)
}

/** The profile of a container's image. */
export async function imageSeccomp(parts: EngineParts, { imageId }: Pick<ContainerRecord, 'imageId'>): Promise<Profile> {
  return readProfile(await (await parts.storage()).imageConfig(imageId))
}

function readProfile({ config }: ImageConfig): Profile {
  const text = config?.Labels?.[label]
  if (text === undefined || text === '') throw invalid('no seccomp policy defined by image', `Its label ${label} would have the profile.`)
  try {
    return parseSeccompProfile(JSON.parse(text))
  } catch (cause) {
    throw new EngineError(
      'ERR_CONTAINER_OPTION_INVALID',
      `cannot use the seccomp profile of the image's label ${label}: ${messageOf(cause)}`,
      { cause },
    )
  }
}
