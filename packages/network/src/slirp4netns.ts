import type { UplinkTarget } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { recordUplink, slirpName } from './uplink-record.ts'

/** What slirp4netns is told besides the defaults of this package. */
export interface Slirp4netnsOptions extends AbortOptions {
  readonly path: string
  /** The second address of its network, 10.0.2.2 by default, leads to the host's loopback. */
  readonly hostLoopback: boolean
  readonly ipv6: boolean
  readonly mtu?: number | undefined
  readonly cidr?: string | undefined
  readonly outboundAddress?: string | undefined
  readonly outboundAddress6?: string | undefined
}

/** slirp4netns(1), `--cidr`. */
const defaultCidr = '10.0.2.0/24'

/** Where slirp4netns answers DNS queries with the help of the host's resolver (slirp4netns(1)): the third address. */
export function slirpNameServer(cidr: string = defaultCidr): string {
  return addressIn(cidr, 3)
}

/** The address inside that slirp4netns gives: the hundredth. */
export function slirpGuest(cidr: string = defaultCidr): string {
  return addressIn(cidr, 100)
}

function addressIn(cidr: string, offset: number): string {
  const [address = '', bits = '24'] = cidr.split('/')
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(bits))
  const wanted = number - (number % size) + offset
  return [24, 16, 8, 0].map((shift) => Math.floor(wanted / 2 ** shift) % 256).join('.')
}

/** What its socket for requests is called in the target's directory. */
const apiSocket = 'slirp.sock'

/** The descriptor on which it says that it is ready. */
const readyFd = 3

/** Starts slirp4netns for the namespace of a process; resolves with its pid once the namespace is set up. */
export async function startSlirp4netns(target: UplinkTarget, options: Slirp4netnsOptions): Promise<number> {
  const { path, hostLoopback, ipv6, mtu = 65_520, cidr, outboundAddress, outboundAddress6, signal } = options
  signal?.throwIfAborted()
  const { spawn } = await import('node:child_process')
  const { ports = [] } = target
  rmSync(join(target.directory, apiSocket), { force: true })
  const args = [
    '--configure',
    `--mtu=${mtu}`,
    `--ready-fd=${readyFd}`,
    ...sandbox(),
    '--enable-seccomp',
    ...(hostLoopback ? [] : ['--disable-host-loopback']),
    ...(ipv6 ? ['--enable-ipv6'] : []),
    ...(cidr === undefined ? [] : [`--cidr=${cidr}`]),
    ...(outboundAddress === undefined ? [] : [`--outbound-addr=${outboundAddress}`]),
    ...(outboundAddress6 === undefined ? [] : [`--outbound-addr6=${outboundAddress6}`]),
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
      await (
        await import('./slirp-ports.ts')
      ).forwardThroughSlirp({ directory: target.directory, name: apiSocket, guestAddress: slirpGuest(cidr) }, ports)
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
