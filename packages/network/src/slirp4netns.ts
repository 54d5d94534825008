import type { UplinkTarget } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { recordUplink, slirpName } from './uplink-record.ts'

/** What slirp4netns is told besides the defaults of this package. */
export interface Slirp4netnsOptions extends AbortOptions {
  readonly path: string
  /** 10.0.2.2 leads to the host's loopback. */
  readonly hostLoopback: boolean
  readonly ipv6: boolean
}

/** Where slirp4netns answers DNS queries with the help of the host's resolver (slirp4netns(1)). */
export const slirpNameServer = '10.0.2.3'

/** What its socket for requests is called in the target's directory. */
const apiSocket = 'slirp.sock'

/** The descriptor on which it says that it is ready. */
const readyFd = 3

/** Starts slirp4netns for the namespace of a process; resolves with its pid once the namespace is set up. */
export async function startSlirp4netns(target: UplinkTarget, { path, hostLoopback, ipv6, signal }: Slirp4netnsOptions): Promise<number> {
  signal?.throwIfAborted()
  const { spawn } = await import('node:child_process')
  const { ports = [] } = target
  rmSync(join(target.directory, apiSocket), { force: true })
  const args = [
    '--configure',
    '--mtu=65520',
    `--ready-fd=${readyFd}`,
    ...sandbox(),
    '--enable-seccomp',
    ...(hostLoopback ? [] : ['--disable-host-loopback']),
    ...(ipv6 ? ['--enable-ipv6'] : []),
    ...(ports.length > 0 ? ['--api-socket', apiSocket] : []),
    String(target.pid),
    'tap0',
  ]
  const logPath = join(target.directory, 'uplink.log')
  const log = openSync(logPath, 'w', 0o600)
  const child = spawn(path, args, {
    argv0: slirpName(target.directory),
    // A socket's path has 107 bytes at most, so it has none.
    cwd: target.directory,
    env: {},
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  })
  // Before it is ready: who starts it may be killed while waiting.
  if (child.pid !== undefined) recordUplink(target, child.pid)
  closeSync(log)
  const onAbort = (): void => void child.kill()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await ready(child, logPath)
    signal?.throwIfAborted()
    if (ports.length > 0)
      await (await import('./slirp-ports.ts')).forwardThroughSlirp({ directory: target.directory, name: apiSocket }, ports)
    return child.pid ?? 0
  } finally {
    signal?.removeEventListener('abort', onAbort)
    child.stdio[readyFd]?.destroy()
    child.unref()
  }
}

/**
 * As root, its sandbox would unmount what the host has mounted: it makes the root alone private before it leaves it, so that what is mounted below goes from
 * the host, too, where mounts are shared, as systemd has them. In a plain user's own mount namespace nothing is.
 */
function sandbox(): readonly string[] {
  return process.geteuid?.() === 0 ? [] : ['--enable-sandbox']
}

function ready(child: ChildProcess, logPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, killedBy) => {
      const words = readFileSync(logPath, 'utf8').trim()
      reject(new Error(`it ended with ${code ?? killedBy}${words === '' ? '' : `: ${words}`}`))
    })
    child.stdio[readyFd]?.once('data', () => resolve())
  })
}
