import { lookUpContainer } from '../containers/lookup.ts'
import type { ContainerOptions, ContainerTuning } from '@podwright/contracts'
import { readHostFacts } from '@podwright/runtime'
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { posix } from 'node:path'
import type { EngineParts, RuntimePair } from '../parts.ts'
import type { ContainerSettings } from '../state/record.ts'
import { checkDevices } from './devices.ts'
import { initProgram } from './init-program.ts'
import { invalid } from './invalid.ts'
import { checkNamespaces, checkSysctls } from './namespaces.ts'
import { checkResources, needsManager } from './resources.ts'
import { type MappedSettings, resolveUserNamespace } from './user-namespace.ts'
import { timeZoneFile } from './time-zone.ts'

/** What a container gets of what was asked for. */
export interface CheckedTuning {
  readonly tuning: ContainerTuning
  readonly settings: MappedSettings & Partial<Pick<ContainerSettings, 'hostname'>>
  /** Where the host ignores something. */
  readonly warnings: readonly string[]
}

/**
 * What can be found wrong before a container is made of it. What the host ignores is told as warnings.
 *
 * @throws `ERR_CONTAINER_OPTION_INVALID`
 */
export async function checkTuning(
  parts: EngineParts,
  settings: ContainerSettings,
  tuning: ContainerTuning,
  options: ContainerOptions,
): Promise<CheckedTuning> {
  checkNames(settings, tuning)
  await checkProcess(parts, tuning)
  const namespaces = await checkNamespaces(parts, tuning, options)
  checkSysctls(settings, tuning)
  if (tuning.notify === 'healthy' && settings.health === undefined)
    throw invalid(
      'cannot tell a service manager when the container is healthy: it has no health check',
      'Give it one: --health-cmd COMMAND',
    )
  const pair = await parts.runtime()
  const { cgroups, userManager } = pair
  checkParent(parts, tuning.cgroupParent, pair)
  if (tuning.rdtClass !== undefined) checkRdtClass(parts, tuning.rdtClass)
  const described = await checkDescribed(parts, tuning)
  const limits = checkResources(tuning.resources, { rootless: parts.rootless, cgroups, userManager })
  return {
    tuning: { ...tuning, ...namespaces.tuning, ...(await requiredIds(parts, tuning)), resources: limits.resources, ...described.tuning },
    settings: { ...namespaces.settings, ...(await resolveUserNamespace(parts, settings, tuning)) },
    warnings: [...checkDevices(parts, tuning, cgroups), ...described.warnings, ...limits.warnings],
  }
}

async function checkDescribed(parts: EngineParts, tuning: ContainerTuning): Promise<Pick<CheckedTuning, 'tuning' | 'warnings'>> {
  if (tuning.cdiDevices === undefined && tuning.gpus === undefined) return { tuning: {}, warnings: [] }
  return (await import('../devices/container-devices.ts')).checkDescribedDevices(parts, tuning)
}

/** As they are recorded: by id, so that they may be renamed. @throws `ERR_CONTAINER_NOT_FOUND` */
async function requiredIds(parts: EngineParts, { requires }: ContainerTuning): Promise<Pick<ContainerTuning, 'requires'>> {
  if (requires === undefined) return {}
  const store = await parts.store()
  return { requires: [...new Set(requires.map((reference) => lookUpContainer(store, reference).id))] }
}

/** Annotations that runtimes and tools are told by the engine. */
const ownPrefix = 'io.podwright.'

function checkNames({ network }: ContainerSettings, tuning: ContainerTuning): void {
  const { extraHosts = [], nameServers, searchDomains, resolverOptions } = tuning
  const { hostsFile, domainName, annotations } = tuning
  const own = Object.keys(annotations ?? {}).find((name) => name.startsWith(ownPrefix))
  if (own !== undefined) throw invalid(`the annotation ${own} is the engine's own, as all that begin with ${ownPrefix}, and can't be given`)
  if (hostsFile !== undefined && hostsFile !== 'none' && !existsSync(hostsFile))
    throw invalid(`cannot begin /etc/hosts with ${hostsFile}: it is not there`)
  if (hostsFile !== undefined && tuning.noHosts === true) throw invalid('--no-hosts and --hosts-file contradict each other')
  const wrong = tuning.chrootDirectories?.find((path) => !posix.isAbsolute(path) || posix.normalize(path) === '/')
  if (wrong !== undefined) throw invalid(`"${wrong}" is no directory that names can be put into: it is not an absolute path below /`)
  if (domainName !== undefined && tuning.utsNamespace === 'host') throw invalid("cannot set a domain name in the host's uts namespace")
  if (domainName !== undefined && typeof tuning.utsNamespace === 'object')
    throw invalid('cannot set a domain name in a uts namespace that is joined')
  if (tuning.noHosts === true && extraHosts.length > 0) throw invalid('--no-hosts and --add-host contradict each other')
  for (const { name, address } of extraHosts) {
    if (isIP(address) === 0) throw invalid(`cannot add the host ${name}: ${address} is not an IP address`)
    if (name === '' || /[\s#]/.test(name)) throw invalid(`cannot add the host ${JSON.stringify(name)}: that is not a name`)
  }
  for (const server of nameServers === 'none' ? [] : (nameServers ?? [])) {
    if (isIP(server.replace(/%.*/, '')) === 0) throw invalid(`the name server ${server} is not an IP address`)
  }
  if (searchDomains !== undefined && searchDomains.length > 1 && searchDomains.includes('.')) {
    throw invalid("the search domain '.' means none: it cannot be given with others")
  }
  for (const word of [...(searchDomains ?? []), ...(resolverOptions ?? [])]) {
    if (/\s/.test(word) || word === '') throw invalid(`${JSON.stringify(word)} cannot stand in resolv.conf`)
  }
  const asksNames = nameServers !== undefined || searchDomains !== undefined || resolverOptions !== undefined
  if (network === 'none' && asksNames) throw invalid('--dns, --dns-search and --dns-option make no sense with the network none')
}

async function checkProcess(parts: EngineParts, tuning: ContainerTuning): Promise<void> {
  const { umask, oomScoreAdj, init, timeZone, timeLimitSeconds } = tuning
  if (tuning.hostUsers !== undefined) await checkHostUsers(tuning.hostUsers)
  if (tuning.keepGroups === true) {
    if ((tuning.additionalGroups ?? []).length > 0) throw invalid('keep-groups cannot be given with other additional groups')
    const { runtime } = await parts.runtime()
    if (runtime.name !== 'crun') throw invalid(`cannot keep groups: the runtime ${runtime.name} cannot, only crun can`)
  }
  if (umask !== undefined && (!Number.isInteger(umask) || umask < 0 || umask > 0o777))
    throw invalid(`the umask ${umask} is not between 0 and 0777`)
  if (timeLimitSeconds !== undefined && (!Number.isInteger(timeLimitSeconds) || timeLimitSeconds < 1 || timeLimitSeconds > 2 ** 31 - 1)) {
    throw invalid(`the time limit ${timeLimitSeconds} is no number of seconds`)
  }
  if (oomScoreAdj !== undefined) checkOomScore(parts, oomScoreAdj)
  if (init !== undefined) initProgram(init)
  if (timeZone !== undefined) timeZoneFile(timeZone)
}

async function checkHostUsers(names: readonly string[]): Promise<void> {
  const { hostAccount } = await import('../accounts/add-accounts.ts')
  for (const name of names) {
    try {
      hostAccount(name)
    } catch {
      throw invalid(`cannot add the user ${name}: this host has none of that name or id`)
    }
  }
}

function checkParent({ rootless }: EngineParts, parent: string | undefined, { cgroups, userManager }: RuntimePair): void {
  if (parent === undefined) return
  if (cgroups === 'disabled') {
    throw invalid('cannot honour --cgroup-parent: the container gets no control groups here', rootless ? needsManager : undefined)
  }
  if (userManager !== undefined) {
    if (/^[\w:.@\\-]+\.slice$/.test(parent) && !/--|^-|-\.slice$/.test(parent)) return
    throw invalid(`the control group ${parent} is no slice`, "A plain user's containers are in slices of systemd: --cgroup-parent my.slice")
  }
  if (!parent.startsWith('/') || parent.split('/').includes('..')) {
    throw invalid(
      `the control group ${parent} is no absolute path`,
      parent.endsWith('.slice') ? 'Slices are made by systemd, which podwright does not ask for control groups.' : undefined,
    )
  }
}

const resctrl = '/sys/fs/resctrl'

/** resctrl(5): its classes are directories. */
function checkRdtClass({ rootless }: EngineParts, name: string): void {
  const subject = `cannot honour --rdt-class ${name}`
  if (rootless) throw invalid(`${subject}: only root may assign classes of service`)
  if (!existsSync(`${resctrl}/schemata`)) {
    throw invalid(`${subject}: ${resctrl} is not mounted`, `Where the processor can do it: sudo mount -t resctrl resctrl ${resctrl}`)
  }
  if (/^\.{0,2}$|\/|^(?:info|mon_data|mon_groups)$/.test(name) || !existsSync(`${resctrl}/${name}/schemata`)) {
    throw invalid(`${subject}: there is no such class`, `sudo mkdir ${resctrl}/NAME makes one, and its file schemata says what it gets.`)
  }
}

function checkOomScore({ rootless }: EngineParts, score: number): void {
  if (!Number.isInteger(score) || score < -1000 || score > 1000) throw invalid(`the OOM score ${score} is not between -1000 and 1000`)
  const host = readHostFacts({ rootless })
  if (host.mayRaiseLimits || score >= host.oomScoreAdj) return
  throw invalid(
    `cannot set the OOM score to ${score}: only with CAP_SYS_RESOURCE over the host may it be below one's own, ${host.oomScoreAdj}`,
  )
}
