import type { GeneratedSpec, SpecInput } from './spec-input.ts'

/**
 * A container's config.json, with Podman's defaults. Pure: everything comes in by `input`.
 *
 * @throws `ERR_COMMAND_EMPTY`, `ERR_USER_NOT_FOUND`, `ERR_USER_INVALID`, `ERR_CAPABILITY_UNKNOWN`, `ERR_MOUNT_OPTION`, `ERR_RESOURCE_LIMIT`, `ERR_SYSCTL`
 */
export function generateSpec(input: SpecInput): GeneratedSpec {
  throw new Error(`unfinished ${input.id}`)
}
