import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { mountsBelow, processesOf } from '../harness/leftovers.ts'
import type { Sandbox } from '../harness/sandbox.ts'
import { storeOf } from './store-checks.ts'

/** What `inspect` says of a container. */
export interface Told {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly pid: number
  readonly exitCode: number
  readonly restarts: boolean
}

const groups = '/sys/fs/cgroup'
/** How often is looked before what is found counts: whoever was killed may have left a clean-up that is at work. */
const looks = 40

/** All containers, by one command each: a list, and a look at what it has listed. */
export async function tellAll(sandbox: Sandbox): Promise<readonly Told[]> {
  const ids = (await sandbox.ok(['ps', '-a', '-q', '--no-trunc'])).split('\n').filter(Boolean)
  if (ids.length === 0) return []
  const { stdout } = await sandbox.podwright(['inspect', ...ids])
  return (JSON.parse(stdout || '[]') as readonly Inspected[]).map(({ Id, Name, State, HostConfig }) => ({
    id: Id,
    name: Name,
    status: State.Status,
    pid: State.Pid,
    exitCode: State.ExitCode,
    restarts: (HostConfig.RestartPolicy?.Name ?? 'no') !== 'no' && (HostConfig.RestartPolicy?.Name ?? '') !== '',
  }))
}

interface Inspected {
  readonly Id: string
  readonly Name: string
  readonly State: { readonly Status: string; readonly Pid: number; readonly ExitCode: number }
  readonly HostConfig: { readonly RestartPolicy?: { readonly Name: string } }
}

/** What is said of every container is so, and nothing is left of those that are no more. `ids` grows by those that are told of. */
export async function expectTruth(sandbox: Sandbox, ids: Set<string>, about: string): Promise<readonly Told[]> {
  let untrue: readonly string[] = []
  for (let look = 0; look < looks; look++) {
    const told = await tellAll(sandbox)
    for (const { id } of told) ids.add(id)
    untrue = [...falsehoods(sandbox, told), ...leftovers(sandbox, told, ids)]
    if (untrue.length === 0) return told
    await sleep(250)
  }
  expect([about, ...untrue]).toEqual([about])
  return []
}

/** Where the kernel says otherwise than the command. */
function falsehoods(sandbox: Sandbox, told: readonly Told[]): readonly string[] {
  const processes = processesOf(sandbox.directory)
  return told.flatMap(({ id, name, status, pid, exitCode }) => {
    const what = `${name} (${id.slice(0, 12)}), ${status}`
    const inside = processes.filter((one) => !isHelper(one.command) && isInContainer(one.pid, id))
    if (status === 'running' || status === 'paused') {
      const found: string[] = []
      if (!existsSync(`/proc/${pid}`) || !isInContainer(pid, id)) found.push(`${what}: its process ${pid} is not there`)
      if ((status === 'paused') !== isStopped(pid)) found.push(`${what}: the kernel says otherwise of its process ${pid}`)
      return found
    }
    const found = inside.map((one) => `${what}: ${one.pid} ${one.command} is there`)
    const monitors = processes.filter(({ command }) => command.includes(`--cid ${id}`))
    found.push(...monitors.map((one) => `${what}: its monitor ${one.pid} is there`))
    if (pid !== 0) found.push(`${what}: it has the process ${pid}`)
    if (status === 'exited' && !possibleEnds.has(exitCode)) found.push(`${what}: it ended with ${exitCode}`)
    if (!['created', 'exited', 'restarting'].includes(status)) found.push(`${what}: no state to stay in`)
    return found
  })
}

/** What the containers exit with: by themselves, by a signal, or unknown. */
const possibleEnds: ReadonlySet<number> = new Set([0, 7, 129, 137, 143, -1, 255])

function leftovers(sandbox: Sandbox, told: readonly Told[], ids: ReadonlySet<string>): readonly string[] {
  const known = new Map(told.map((one) => [one.id, one]))
  const gone = [...ids].filter((id) => !known.has(id))
  const isUp = (id: string): boolean => ['running', 'paused'].includes(known.get(id)?.status ?? '')
  const inGroups = [...ids].filter((id) => !isUp(id)).flatMap((id) => groupsOf(id).map((path) => `the control group ${path}`))
  const locks = join(sandbox.directory, 'run/podwright/locks')
  const lockFiles = (existsSync(locks) ? readdirSync(locks) : [])
    .filter((name) => /^[0-9a-f]{64}/.test(name) && !known.has(name.slice(0, 64)))
    .filter((name) => isHeld(join(locks, name)))
  const directories = ['containers', 'snapshots'].flatMap((directory) =>
    readdirSync(storeOf(sandbox, directory)).flatMap((name) =>
      gone.some((id) => name.startsWith(id)) ? [`${directory}/${name}: ${contentOf(storeOf(sandbox, directory, name))}`] : [],
    ),
  )
  const names = told.map(({ name }) => name)
  return [
    ...inGroups,
    ...lockFiles.map((name) => `the lock ${name}`),
    ...directories,
    ...mountsBelow(sandbox.directory).map((path) => `the mount ${path}`),
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `the name ${name} twice`),
    ...processesOf(sandbox.directory)
      .filter(({ pid, command }) => !isHelper(command) && gone.some((id) => isInContainer(pid, id)))
      .map(({ pid, command }) => `the process ${pid} ${command}`),
  ]
}

/** Those of podwright's own that may stand in a container's mounts for a moment. */
function isHelper(command: string): boolean {
  return /\bconmon\b|cleanup|keeper|\bpasta\b|slirp4netns/.test(command)
}

/** Its root lies over the container's snapshot. */
function isInContainer(pid: number, id: string): boolean {
  return read(`/proc/${pid}/mountinfo`)
    .split('\n')
    .some((line) => line.split(' ')[4] === '/' && line.includes(id))
}

function isStopped(pid: number): boolean {
  const freezer = /^\d+:freezer:(.*)$/m.exec(read(`/proc/${pid}/cgroup`))?.[1]
  if (freezer !== undefined) return /FR/.test(read(`${groups}/freezer${freezer}/freezer.state`)) || false
  const unified = /^0::(.*)$/m.exec(read(`/proc/${pid}/cgroup`))?.[1] ?? ''
  return /^frozen 1$/m.test(read(`${groups}${unified}/cgroup.events`))
}

function groupsOf(id: string): string[] {
  const hierarchies = existsSync(`${groups}/cgroup.controllers`) ? [''] : existsSync(groups) ? readdirSync(groups) : []
  return hierarchies.map((name) => join(groups, name, 'podwright', id)).filter((path) => existsSync(path))
}

/** The file of a lock that nobody holds is garbage, no more. */
function isHeld(path: string): boolean {
  return existsSync(path) && spawnSync('flock', ['-n', path, 'true']).status === 1
}

function contentOf(path: string): string {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' }).slice(0, 20).join(' ')
  } catch (error) {
    return String(error)
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
