import { resolveSeccomp } from '../seccomp/resolve-seccomp.ts'
import { containerNamespaces, controlGroups, deviceNodes, idMappings, protectedPaths } from './linux-section.ts'
import { containerMounts, rootPropagation } from './mounts.ts'
import { containerProcess } from './process-section.ts'
import type { GeneratedSpec, SpecInput } from './spec-input.ts'
import { containerSysctls } from './sysctls.ts'

/** The version whose features are used at most; older runtimes read it too. */
const ociVersion = '1.0.2'

/**
 * A container's config.json, with Podman's defaults. Pure: everything comes in by `input`.
 *
 * @throws `ERR_COMMAND_EMPTY`, `ERR_USER_NOT_FOUND`, `ERR_USER_INVALID`, `ERR_CAPABILITY_UNKNOWN`, `ERR_CAPABILITY_CONFLICT`,
 * `ERR_MOUNT_OPTION`, `ERR_RESOURCE_LIMIT`, `ERR_SYSCTL`
 */
export function generateSpec(input: SpecInput): GeneratedSpec {
  const namespaces = input.namespaces ?? {}
  const hostname = input.hostname ?? defaultHostname(input)
  const { process, warnings } = containerProcess(input, hostname)
  const mounts = containerMounts(input)
  const sysctl = containerSysctls(input.sysctls ?? {}, namespaces)
  const propagation = rootPropagation(mounts)
  const seccomp = input.security?.seccomp
  const spec = {
    ociVersion,
    process,
    root: { path: input.rootfs, ...(input.readOnlyRoot ? { readonly: true } : {}) },
    // A name would be set in the namespace for all who are in it.
    ...(namespaces.uts === 'host' || typeof namespaces.uts === 'object' ? {} : { hostname }),
    ...(input.domainname === undefined ? {} : { domainname: input.domainname }),
    mounts,
    ...(input.annotations === undefined ? {} : { annotations: input.annotations }),
    linux: {
      namespaces: containerNamespaces(input),
      ...idMappings(input),
      ...controlGroups(input),
      ...deviceNodes(input),
      ...(Object.keys(sysctl).length > 0 ? { sysctl } : {}),
      ...(seccomp === undefined
        ? {}
        : {
            seccomp: resolveSeccomp(seccomp, {
              architecture: input.host.architecture,
              capabilities: process.capabilities?.bounding ?? [],
              kernel: input.host.kernel,
            }),
          }),
      ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
      ...protectedPaths(input),
      ...(input.security?.mountLabel === undefined ? {} : { mountLabel: input.security.mountLabel }),
      ...input.linux,
    },
  }
  return { spec, warnings }
}

/** With the host's network or uts namespace a container goes by the host's name, as with docker and podman. */
function defaultHostname({ id, host, namespaces = {} }: SpecInput): string {
  return namespaces.network === 'host' || namespaces.uts === 'host' ? host.hostname : id.slice(0, 12)
}
