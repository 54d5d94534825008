import type { ContainerTuning } from '@podwright/contracts'
import type { SpecInput } from '@podwright/runtime'
import { posix } from 'node:path'
import type { ContainerFiles } from '../containers/files.ts'
import type { EngineParts } from '../parts.ts'
import { kernelResources } from './devices.ts'
import { sharedMemory } from '../containers/shared-memory.ts'
import { limitedResources } from './resources.ts'
import { joinedNamespaces } from './namespaces.ts'
import { initProgram } from './init-program.ts'
import { runsSystemd, withSystemd } from './systemd.ts'
import { keepTimeZone } from './time-zone.ts'

/** Lays what goes beyond the defaults over what a container's spec is made from. */
export async function tuneInput(parts: EngineParts, given: SpecInput, tuning: ContainerTuning, files: ContainerFiles): Promise<SpecInput> {
  const tuned = await tunedInput(parts, given, tuning, files)
  return tuning.chrootDirectories === undefined ? tuned : withNamesIn(tuned, tuning.chrootDirectories)
}

/** Mounts what tells of names once more, below each directory. */
function withNamesIn(input: SpecInput, directories: readonly string[]): SpecInput {
  const { hosts, hostname, resolvConf } = input.files ?? {}
  const named = Object.entries({ '/etc/hosts': hosts, '/etc/hostname': hostname, '/etc/resolv.conf': resolvConf })
  const mounts = [...new Set(directories.map((directory) => posix.resolve('/', directory)))].flatMap((directory) =>
    named.flatMap(([name, source]) =>
      source === undefined ? [] : [{ type: 'bind' as const, source, target: `${directory}${name}`, options: ['bind'] }],
    ),
  )
  return { ...input, mounts: [...(input.mounts ?? []), ...mounts] }
}

async function tunedInput(parts: EngineParts, given: SpecInput, tuning: ContainerTuning, files: ContainerFiles): Promise<SpecInput> {
  const { entrypoint = [], command = [] } = given.process
  const input = runsSystemd([...entrypoint, ...command], tuning.systemd) ? withSystemd(given, tuning.systemdShmSizeBytes) : given
  return {
    ...input,
    process: {
      ...input.process,
      ...(tuning.additionalGroups !== undefined && { additionalGroups: tuning.additionalGroups }),
      ...(tuning.umask !== undefined && { umask: tuning.umask }),
      ...(tuning.unsetEnvironment !== undefined && { unsetEnvironment: tuning.unsetEnvironment }),
    },
    security: {
      ...input.security,
      ...(tuning.maskedPaths !== undefined && { maskedPaths: tuning.maskedPaths }),
      ...(tuning.unmaskedPaths !== undefined && { unmaskedPaths: tuning.unmaskedPaths }),
    },
    resources: {
      ...input.resources,
      ...(tuning.oomScoreAdj !== undefined && { oomScoreAdj: tuning.oomScoreAdj }),
      ...kernelResources(input, tuning, sharedMemory(parts.paths, tuning, files)),
      ...(tuning.resources !== undefined && limitedResources(tuning.resources)),
    },
    namespaces: { ...input.namespaces, ...(await joinedNamespaces(parts, tuning)) },
    ...(tuning.sysctls !== undefined && { sysctls: tuning.sysctls }),
    files: {
      ...input.files,
      ...(tuning.noHosts === true && { hosts: undefined }),
      ...(tuning.noHostname === true && { hostname: undefined }),
      ...(tuning.nameServers === 'none' && { resolvConf: undefined }),
      ...(tuning.init !== undefined && { init: initProgram(tuning.init) }),
      ...(tuning.timeZone !== undefined && { localTime: keepTimeZone(tuning.timeZone, files.directory) }),
    },
    annotations: {
      ...tuning.annotations,
      ...input.annotations,
      // crun then leaves the groups as they are.
      ...(tuning.keepGroups === true && { 'run.oci.keep_original_groups': '1' }),
    },
    ...(tuning.domainName !== undefined && { domainname: tuning.domainName }),
    ...(tuning.readOnlyTmpfs !== undefined && { readOnlyTmpfs: tuning.readOnlyTmpfs }),
    linux: {
      ...input.linux,
      ...(tuning.personality !== undefined && { personality: { domain: tuning.personality } }),
      ...(tuning.rdtClass !== undefined && { intelRdt: { closID: tuning.rdtClass } }),
    },
  }
}
