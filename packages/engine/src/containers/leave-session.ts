import { findTool, findUserManager, readProcessStat, runTool } from '@podwright/linux'
import { readFileSync } from 'node:fs'
import type { EngineParts } from '../parts.ts'

/** How long the manager may take to move a process. */
const patienceMs = 2_000

/** Of this process. */
let attempt: Promise<void> | undefined

/**
 * Moves this process from the session of a login into a scope of the user's systemd, once: the monitors, uplinks and keepers that it starts are in the group that it is in, and
 * logind may kill what is in a session's group when the session ends. Only who owns what is above both groups may move a process from one to the other, so systemd is asked. It stays where it is when that fails.
 */
export async function leaveSession(
  parts: Pick<EngineParts, 'clock' | 'environment' | 'inside' | 'leavesSession' | 'rootless'>,
): Promise<void> {
  if (!parts.rootless || parts.inside || !parts.leavesSession) return
  await (attempt ??= move(parts))
}

async function move({ clock, environment }: Pick<EngineParts, 'clock' | 'environment'>): Promise<void> {
  const before = ownGroup()
  if (!isSession(before)) return
  const manager = findUserManager({ environment })
  const busctl = findTool('busctl')
  if (manager === undefined || busctl === undefined) return
  const name = `podwright-${process.pid}-${readProcessStat(process.pid)?.startTime ?? 0}.scope`
  const { exitCode } = await runTool(busctl, [...startTransientUnit, ...scopeWords(name)], {
    allowFailure: true,
    env: manager.environment,
  })
  if (exitCode !== 0) return
  const deadline = clock.now() + patienceMs
  while (ownGroup() === before && clock.now() < deadline) await clock.sleep(2)
}

/** `0::/user.slice/user-1000.slice/session-3.scope` */
function isSession(group: string): boolean {
  return /\/session-[^/]+\.scope(?:\/|$)/.test(group)
}

function ownGroup(): string {
  return readFileSync('/proc/self/cgroup', 'utf8').trim()
}

/** The call of org.freedesktop.systemd1(5). */
const startTransientUnit = [
  ['--user', '--quiet', 'call', 'org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager'],
  ['StartTransientUnit', 'ssa(sv)a(sa(sv))'],
].flat()

/** Its arguments as busctl(1) reads them: name, mode, four properties, no further units. */
function scopeWords(name: string): readonly string[] {
  const properties = [
    ['Description', 's', 'What podwright keeps running for containers'],
    ['PIDs', 'au', '1', String(process.pid)],
    ['Slice', 's', 'user.slice'],
    ['CollectMode', 's', 'inactive-or-failed'],
  ]
  return [name, 'fail', String(properties.length), ...properties.flat(), '0']
}
