import type { ContainerProcess, ProcessCapabilities } from '@podwright/contracts'
import { probeMemory, type ProcessDetails } from '@podwright/linux'
import { capabilityNames } from '@podwright/runtime'
import { EngineError } from '../../errors.ts'
import type { EngineParts } from '../../parts.ts'
import type { ContainerRecord } from '../../state/record.ts'
import { observe } from '../observe.ts'
import { type Accounts, readAccounts } from './accounts.ts'
import { containerMembers } from './members.ts'
import { readOrEmpty } from '../read-or-empty.ts'

/** The processes of a running or paused container, from /proc: nothing is run in it, and it needs no ps. */
export function listProcesses(parts: EngineParts, record: ContainerRecord): readonly ContainerProcess[] {
  const { pid: init, status } = observe(record, parts.evidence)
  if (init === 0) {
    throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot list the processes of ${record.name}: it is ${status}`, {
      details: { id: record.id, status },
    })
  }
  const members = containerMembers(init)
  const level = (members.find(({ pid }) => pid === init)?.pids.length ?? 1) - 1
  const ownPids = new Map(members.map(({ pid, pids }) => [pid, pids[level] ?? 0]))
  const context = {
    now: parts.clock.now(),
    uptimeMs: uptimeMs(),
    memoryBytes: probeMemory().totalBytes,
    accounts: readAccounts(init),
    allCapabilities: everyCapability(),
  }
  return members.map((member) => ({
    ...processOf(member, context),
    pid: member.pids[level] ?? 0,
    parentPid: ownPids.get(member.parentPid) ?? 0,
    processGroup: member.processGroups[level] ?? 0,
    session: member.sessions[level] ?? 0,
  }))
}

interface Context {
  readonly now: number
  readonly uptimeMs: number
  readonly memoryBytes: number
  readonly accounts: Accounts
  readonly allCapabilities: bigint
}

function processOf(
  member: ProcessDetails,
  { now, uptimeMs: up, memoryBytes, accounts, allCapabilities }: Context,
): Omit<ContainerProcess, 'pid' | 'parentPid' | 'processGroup' | 'session'> {
  const elapsedMs = Math.max(0, up - member.startMs)
  const { command, args, state, cpuMs, priority, nice, threads, virtualBytes, residentBytes } = member
  const [realUser = 0, user = 0] = member.userIds
  const [realGroup = 0, group = 0] = member.groupIds
  const sets = member.capabilities
  return {
    hostPid: member.pid,
    command,
    args,
    state,
    cpuMs,
    priority,
    nice,
    threads,
    virtualBytes,
    residentBytes,
    terminal: terminalName(member.terminal),
    startedAt: new Date(now - elapsedMs),
    elapsedMs,
    memoryShare: memoryBytes > 0 ? residentBytes / memoryBytes : 0,
    user: accounts.user(user),
    realUser: accounts.user(realUser),
    group: accounts.group(group),
    realGroup: accounts.group(realGroup),
    groups: member.groups.map((id) => accounts.group(id)),
    capabilities: {
      ambient: namesOf(sets.ambient, allCapabilities),
      bounding: namesOf(sets.bounding, allCapabilities),
      effective: namesOf(sets.effective, allCapabilities),
      inheritable: namesOf(sets.inheritable, allCapabilities),
      permitted: namesOf(sets.permitted, allCapabilities),
    },
    seccomp: member.seccomp === 2 ? 'filter' : member.seccomp === 1 ? 'strict' : 'disabled',
    label: labelOf(member.pid),
  }
}

/** Device numbers (Documentation/admin-guide/devices.txt): 136 to 143 are pseudo-terminals, 4 those of the machine. */
function terminalName(device: number): string | undefined {
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  if (device === 0) return undefined
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`
  return major === 4 ? `tty${minor}` : `${major}:${minor}`
}

/** @param all every capability that the kernel knows */
function namesOf(mask: bigint, all: bigint): ProcessCapabilities {
  if (mask === all) return 'full'
  return capabilityNames.filter((_name, bit) => (mask & (1n << BigInt(bit))) !== 0n).toSorted()
}

function everyCapability(): bigint {
  return (1n << BigInt(Number(readOrEmpty('/proc/sys/kernel/cap_last_cap')) + 1)) - 1n
}

function labelOf(pid: number): string | undefined {
  const label = readOrEmpty(`/proc/${pid}/attr/current`).replace(/[\0\n]+$/, '')
  return label === '' ? undefined : label
}

function uptimeMs(): number {
  return Number(readOrEmpty('/proc/uptime').split(' ')[0]) * 1000
}
