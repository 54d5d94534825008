import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a command ended. */
export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Who types: root in a service, or a plain user who lingers, by a login of its own each time. */
export interface Role {
  readonly name: 'root' | 'user'
  /** Of a line for the shell. Fails unless it ends with 0. */
  sh(line: string): string
  /** Of a line for the shell, however it ends. */
  attempt(line: string): Ended
  /** Where its containers' groups are, below /sys/fs/cgroup. */
  readonly slice: string
}

const patienceMs = 300_000

function makeRole(name: Role['name'], slice: string, words: readonly string[]): Role {
  const attempt = (line: string): Ended => {
    const [command, ...args] = words
    const { status, stdout, stderr, error } = spawnSync(command!, [...args, line], { encoding: 'utf8', timeout: patienceMs, cwd: '/' })
    if (error !== undefined) throw error
    return { status: status ?? -1, stdout: stdout.trim(), stderr: stderr.trim() }
  }
  const sh = (line: string): string => {
    const { status, stdout, stderr } = attempt(line)
    assert.equal(status, 0, `${name}: ${line}\nended with ${status}\n${stdout}\n${stderr}`)
    return stdout
  }
  return { name, slice, sh, attempt }
}

export const root: Role = makeRole('root', '', ['sh', '-c'])
export const user: Role = makeRole('user', '/user.slice/user-1000.slice/user@1000.service', ['su', '-l', 'tester', '-c'])
export const roles: readonly Role[] = [root, user]

let hasImage = new Set<string>()

/** Has the role's store have an image `busybox`. */
export function withImage(role: Role): void {
  if (hasImage.has(role.name)) return
  if (role.attempt('podwright image exists busybox').status !== 0) role.sh('podwright import /opt/podwright/images/busybox.tar busybox')
  hasImage = new Set([...hasImage, role.name])
}

/** The directory of a process's control group. */
export function groupOf(pid: string): string {
  return `/sys/fs/cgroup${readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split(':')[2]}`
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!isSo()) {
    if (Date.now() > deadline) assert.fail(`${what}: not within ${seconds} s`)
    await sleep(200)
  }
}
