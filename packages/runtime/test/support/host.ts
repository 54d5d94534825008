import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool } from '@podwright/linux'

/** How the containers of a test run. */
export type Mode = 'root' | 'rootless'

/** A place to run containers in. */
export interface Ground extends AsyncDisposable {
  readonly mode: Mode
  /** Holds everything; removed at the end. */
  readonly directory: string
  readonly rootfs: string
  readonly prefix: readonly string[]
  /** Makes a directory that the monitor may write to. */
  makeDirectory(name: string): string
}

/** Whether whoever runs the tests is root; a rootless suite gives that up. */
const isRoot = process.getuid?.() === 0

/** A user with subordinate ids, for root to become. */
const plainUser = /^([a-z][a-z0-9_-]*):/m.exec(existsSync('/etc/subuid') ? readFileSync('/etc/subuid', 'utf8') : '')?.[1]

/** Why containers can't run in that mode here; undefined when they can. */
export function whyNot(mode: Mode, runtime: string): string | undefined {
  for (const tool of ['conmon', runtime, 'nsenter', 'unshare']) if (findTool(tool) === undefined) return `${tool} is not installed`
  if (busybox() === undefined) return 'busybox-static is not installed'
  if (mode === 'root') return isRoot ? undefined : 'needs root'
  if (findTool('newuidmap') === undefined) return 'newuidmap is not installed'
  return plainUser === undefined ? 'no user has subordinate ids' : undefined
}

/** Runs the suite when it can run here, else skips it and says why. */
export function reasonToSkip(mode: Mode, runtime: string): boolean {
  const reason = whyNot(mode, runtime)
  if (reason !== undefined) process.stderr.write(`skipped: ${runtime} ${mode}: ${reason}\n`)
  return reason !== undefined
}

/** A rootless suite is for plain users: this process becomes one, for good. Each test file has a process of its own. */
export function becomePlainUser(): void {
  if (!isRoot || plainUser === undefined) return
  const id = (flag: string): number => Number(execFileSync('id', [flag, plainUser], { encoding: 'utf8' }))
  const [uid, gid] = [id('-u'), id('-g')]
  process.setgroups?.([gid])
  process.setgid?.(gid)
  process.setuid?.(uid)
}

export async function openGround(mode: Mode): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), 'pwrt-'))
  const makeDirectory = (name: string): string => {
    mkdirSync(join(directory, name), { mode: 0o755 })
    return join(directory, name)
  }
  const rootfs = makeDirectory('rootfs')
  makeRootfs(rootfs)
  const namespace = mode === 'rootless' ? await openNamespace() : undefined
  return {
    mode,
    directory,
    rootfs,
    prefix: namespace?.prefix ?? [],
    makeDirectory,
    [Symbol.asyncDispose]: async () => {
      // Files of mapped users can only be removed from inside.
      const [file = '', ...words] = [...(namespace?.prefix ?? []), 'rm', '-rf', '--', directory]
      execFileSync(file, words)
      namespace?.pause.kill('SIGKILL')
    },
  }
}

interface Namespace {
  readonly pause: ChildProcess
  readonly prefix: readonly string[]
}

/** A user and a mount namespace with one process in them, as a rootless engine has. */
async function openNamespace(): Promise<Namespace> {
  const words = ['--user', '--mount', '--propagation', 'slave', 'sh', '-c', 'echo ready; exec sleep 100000']
  const pause = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(pause.stdout, 'data')
  const id = (flag: string): string => execFileSync('id', [flag], { encoding: 'utf8' }).trim()
  const name = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
  for (const [tool, file, own] of [
    ['newuidmap', '/etc/subuid', id('-u')],
    ['newgidmap', '/etc/subgid', id('-g')],
  ] as const) {
    const [, first = '', count = ''] = new RegExp(`^${name}:(\\d+):(\\d+)`, 'm').exec(readFileSync(file, 'utf8')) ?? []
    execFileSync(tool, [String(pause.pid), '0', own, '1', '1', first, count])
  }
  return { pause, prefix: ['nsenter', '-t', String(pause.pid), '-U', '-m', '--preserve-credentials', '--'] }
}

function busybox(): string | undefined {
  return ['/bin/busybox', '/usr/bin/busybox', '/sbin/busybox.static'].find((path) => existsSync(path) && statSync(path).size > 1_000_000)
}

function makeRootfs(root: string): void {
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'dev', 'sys', 'run', 'root', 'var', 'var/tmp'])
    mkdirSync(join(root, name), { mode: 0o755 })
  const binary = busybox() ?? ''
  cpSync(binary, join(root, 'bin/busybox'))
  for (const name of execFileSync(binary, ['--list'], { encoding: 'utf8' }).split('\n')) {
    if (name !== '' && name !== 'busybox') symlinkSync('busybox', join(root, 'bin', name))
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/var/www:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nwww:x:33:\nextra:x:44:www\n')
  writeFileSync(join(root, 'bin/not-executable'), 'x\n', { mode: 0o644 })
}
