import type { RuntimeProcess } from '@podwright/oci'
import { processCapabilities } from './capabilities.ts'
import { commandLine } from './command-line.ts'
import { initPath } from './default-mounts.ts'
import { containerEnvironment } from './environment.ts'
import { resourceLimits } from './resource-limits.ts'
import type { SpecInput } from './spec-input.ts'
import { type ResolvedUser, resolveUser } from './user.ts'

const defaultUmask = 0o022

/** The process of a container's config. */
export function containerProcess(
  input: SpecInput,
  hostname: string,
): { readonly process: RuntimeProcess; readonly warnings: readonly string[] } {
  const { process: wanted, security = {}, host } = input
  const user = resolveUser(wanted.passwd, wanted.group, wanted.user ?? wanted.image?.User ?? '', wanted.additionalGroups)
  const terminal = wanted.terminal ?? false
  const { limits, warnings } = resourceLimits(input.resources?.limits ?? [], host)
  const command = commandLine(wanted)
  const process: RuntimeProcess = {
    ...(terminal ? { terminal, ...consoleSize(wanted.consoleSize) } : {}),
    user: runtimeUser(user, wanted.umask ?? defaultUmask),
    args: input.files?.init === undefined ? command : [initPath, '--', ...command],
    env: containerEnvironment({
      image: wanted.image,
      environment: wanted.environment,
      unset: wanted.unsetEnvironment,
      terminal,
      home: user.home,
      hostname,
    }),
    cwd: wanted.workingDirectory || wanted.image?.WorkingDir || '/',
    capabilities: processCapabilities(security, user.uid, host.capabilities),
    rlimits: limits,
    ...(security.noNewPrivileges ? { noNewPrivileges: true } : {}),
    ...(security.apparmorProfile === undefined ? {} : { apparmorProfile: security.apparmorProfile }),
    ...(security.selinuxLabel === undefined ? {} : { selinuxLabel: security.selinuxLabel }),
    ...oomScore(input),
  }
  return { process, warnings }
}

/** The runtime-spec's form of a user. */
export function runtimeUser({ uid, gid, additionalGids }: ResolvedUser, umask: number | undefined): RuntimeProcess['user'] {
  return { uid, gid, ...(umask === undefined ? {} : { umask }), ...(additionalGids.length > 0 ? { additionalGids } : {}) }
}

/** The runtime-spec's form of a window size. */
export function consoleSize(size: { readonly rows: number; readonly columns: number } | undefined): Pick<RuntimeProcess, 'consoleSize'> {
  return size === undefined ? {} : { consoleSize: { height: size.rows, width: size.columns } }
}

/** Without privileges over the host nobody may make a process less likely to be killed than oneself. */
function oomScore({ resources, host }: SpecInput): Pick<RuntimeProcess, 'oomScoreAdj'> {
  const asked = resources?.oomScoreAdj
  if (asked === undefined) return {}
  return { oomScoreAdj: host.mayRaiseLimits ? asked : Math.max(asked, host.oomScoreAdj) }
}
