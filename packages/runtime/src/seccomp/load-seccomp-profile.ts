import type { SeccompProfile } from './seccomp-profile.ts'

/**
 * The seccomp profile of that name.
 *
 * @param name `unconfined`: undefined is returned; a path: that file; none or `default`: the default profile, or none when `privileged`.
 * @throws `ERR_SECCOMP_PROFILE`
 */
export function loadSeccompProfile(
  name?: string | undefined,
  options: { readonly privileged?: boolean | undefined } = {},
): Promise<SeccompProfile | undefined> {
  throw new Error(`unfinished ${name} ${options.privileged}`)
}

/** Validates a profile's parsed JSON. @throws `ERR_SECCOMP_PROFILE` */
export function parseSeccompProfile(value: unknown): SeccompProfile {
  throw new Error(`unfinished ${String(value)}`)
}
