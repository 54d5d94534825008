import type { HostFinding } from '@podwright/contracts'
import { createSpecialFiles, findTool, installHint, mountOf, probeUserNamespaces, type UserNamespaceFacts } from '@podwright/linux'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { appArmorCommands, appArmorHelperPath } from './app-armor.ts'
import type { UsernsErrorCode } from './errors.ts'
import { currentUser, readSubIdFile, readSubIds, type ReadSubIdsOptions, type SubIdRange, subIdSource } from './sub-ids.ts'

/** A finding, and the code that a failure for this reason is thrown with. */
export interface UsernsFinding extends HostFinding {
  readonly code?: UsernsErrorCode | undefined
}

/** What is looked at; each is the system's own by default. */
export interface DiagnoseOptions extends ReadSubIdsOptions {
  readonly facts?: UserNamespaceFacts | undefined
  /** Finds a tool's path. */
  readonly find?: ((name: string) => string | undefined) | undefined
}

/** As many ids as images commonly use: 0 to 65535, of which 0 is the user itself. */
const usualRange = 65_536
const firstRange = 100_000

/**
 * What on this host lets a plain user have user namespaces with ranges of ids, or keeps it from that, each with its fix. Never throws. Reads files
 * only, changes nothing.
 */
export function diagnoseUserNamespaces(options: DiagnoseOptions = {}): UsernsFinding[] {
  const { facts = probeUserNamespaces(), find = findTool } = options
  return [
    kernelFinding(facts),
    ...appArmorFindings(facts),
    ...subIdFindings(options),
    mapperFinding('newuidmap', find),
    mapperFinding('newgidmap', find),
  ]
}

function kernelFinding({ supported, maximum, unprivilegedClone }: UserNamespaceFacts): UsernsFinding {
  const finding = { id: 'user-namespaces', title: 'user namespaces', code: 'ERR_USERNS_DISABLED' } as const
  if (!supported) {
    return { ...finding, status: 'error', found: 'the kernel has none', fix: 'Boot a kernel with CONFIG_USER_NS.' }
  }
  if (maximum === 0) {
    return { ...finding, status: 'error', found: 'user.max_user_namespaces is 0', fix: setSysctl('user.max_user_namespaces', 28_633) }
  }
  if (unprivilegedClone === false) {
    return {
      ...finding,
      status: 'error',
      found: 'kernel.unprivileged_userns_clone is 0',
      fix: setSysctl('kernel.unprivileged_userns_clone', 1),
    }
  }
  return { ...finding, code: undefined, status: 'ok', found: maximum === undefined ? 'allowed' : `allowed, at most ${maximum}` }
}

function appArmorFindings({ appArmorRestricted }: UserNamespaceFacts): UsernsFinding[] {
  if (appArmorRestricted !== true) return []
  const finding = { id: 'apparmor-userns', title: 'AppArmor and user namespaces' } as const
  if (existsSync(appArmorHelperPath)) return [{ ...finding, status: 'ok', found: `restricted, except for ${appArmorHelperPath}` }]
  const fix = [
    'Allow them to one program of ours:',
    ...appArmorCommands,
    'or to every program:',
    setSysctl('kernel.apparmor_restrict_unprivileged_userns', 0),
  ]
  return [
    {
      ...finding,
      code: 'ERR_USERNS_APPARMOR',
      status: 'error',
      found: 'kernel.apparmor_restrict_unprivileged_userns is 1: plain users may not make user namespaces',
      fix: fix.join('\n'),
    },
  ]
}

function subIdFindings(options: DiagnoseOptions): UsernsFinding[] {
  const user = options.user ?? currentUser()
  const { uids, gids } = readSubIds({ ...options, user })
  const entries = [...readSubIdFile(options.subuidPath ?? '/etc/subuid'), ...readSubIdFile(options.subgidPath ?? '/etc/subgid')]
  const fix = addRanges(user.name ?? String(user.uid), entries, subIdSource(options.nsswitchPath))
  return [rangeFinding('subuid', uids, fix), rangeFinding('subgid', gids, fix)]
}

function rangeFinding(file: 'subuid' | 'subgid', ranges: readonly SubIdRange[], fix: string): UsernsFinding {
  const finding = { id: file, title: `subordinate ${file === 'subuid' ? 'user' : 'group'} ids` } as const
  const total = ranges.reduce((sum, { size }) => sum + size, 0)
  const found = ranges.map(({ start, size }) => `${start}-${start + size - 1}`).join(', ')
  if (total === 0) return { ...finding, code: 'ERR_USERNS_NO_SUBIDS', status: 'error', found: `no range in /etc/${file}`, fix }
  if (total >= usualRange) return { ...finding, status: 'ok', found }
  return { ...finding, status: 'warning', found: `${found}: ${total} ids, where images use up to ${usualRange}`, fix }
}

/** The command that lends the next free range. */
function addRanges(name: string, entries: readonly SubIdRange[], source: string): string {
  if (source !== 'files')
    return `Ask whoever runs the directory service (nsswitch.conf says subid: ${source}) for ranges of ${usualRange} ids for ${name}.`
  const start = entries.reduce((next, entry) => Math.max(next, entry.start + entry.size), firstRange)
  const range = `${start}-${start + usualRange - 1}`
  return `sudo usermod --add-subuids ${range} --add-subgids ${range} ${name}`
}

function mapperFinding(tool: 'newuidmap' | 'newgidmap', find: (name: string) => string | undefined): UsernsFinding {
  const finding = { id: tool, title: tool } as const
  const path = find(tool)
  if (path === undefined) {
    return { ...finding, code: 'ERR_USERNS_NEWUIDMAP_MISSING', status: 'error', found: 'not installed', fix: installHint(tool) }
  }
  const weak = { ...finding, code: 'ERR_USERNS_NEWUIDMAP_NOT_PRIVILEGED', status: 'error' } as const
  const real = realpathSync(path)
  if (mountOf(real)?.options.includes('nosuid') === true) {
    const target = mountOf(real)?.target ?? '/'
    return { ...weak, found: `${path} lies on ${target}, which is mounted nosuid`, fix: `sudo mount -o remount,suid ${target}` }
  }
  const { mode, uid } = statSync(real)
  const setUserId = (mode & 0o4000) !== 0 && uid === 0
  if (setUserId) return { ...finding, status: 'ok', found: `${path}, set-user-id` }
  if (hasFileCapabilities(real)) return { ...finding, status: 'ok', found: `${path}, with file capabilities` }
  return { ...weak, found: `${path} has neither the set-user-id bit nor file capabilities`, fix: `sudo chmod u+s ${path}` }
}

function hasFileCapabilities(path: string): boolean {
  try {
    return createSpecialFiles().getXattr(Buffer.from(path), Buffer.from('security.capability')) !== undefined
  } catch {
    return false
  }
}

function setSysctl(name: string, value: number): string {
  return `echo ${name}=${value} | sudo tee -a /etc/sysctl.d/90-podwright.conf && sudo sysctl -w ${name}=${value}`
}
