import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRoot } from './role.ts'

/** Another engine, with images of its own. */
export interface Peer extends AsyncDisposable {
  /** @returns what it printed; throws unless it exits with 0 */
  run(...args: readonly string[]): string
}

/** Why a peer can't be asked here; undefined: it can. */
export function peerMissing(name: 'skopeo' | 'podman' | 'dockerd'): string | undefined {
  if (name !== 'skopeo' && !isRoot) return 'needs root'
  return spawnSync(name, ['--version']).error === undefined ? undefined : `needs ${name}`
}

/** `skopeo`, on plain HTTP. */
export function skopeo(...args: readonly string[]): string {
  return runPeer('skopeo', args)
}

/** Podman with a root of its own. */
export function openPodman(): Peer {
  const directory = mkdtempSync(join(tmpdir(), 'peer-'))
  const own = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs']
  return {
    run: (...args) => runPeer('podman', [...own, ...args]),
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** A Docker engine with a root of its own, that leaves the host's network alone. */
export async function startDocker(): Promise<Peer> {
  const directory = mkdtempSync(join(tmpdir(), 'peer-'))
  const host = `unix://${join(directory, 'docker.sock')}`
  const places = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec'), '--pidfile', join(directory, 'pid')]
  const network = ['--bridge', 'none', '--iptables=false', '--ip6tables=false']
  const child = spawn('dockerd', ['--host', host, '--storage-driver', 'vfs', ...places, ...network], { stdio: 'ignore' })
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null && child.kill('SIGTERM')) await ended
    rmSync(directory, { recursive: true, force: true })
  }
  while (spawnSync('docker', ['--host', host, 'version']).status !== 0) {
    if (child.exitCode !== null) {
      await stop()
      throw new Error(`dockerd ended with ${child.exitCode}`)
    }
    await sleep(200)
  }
  return { run: (...args) => runPeer('docker', ['--host', host, ...args]), [Symbol.asyncDispose]: stop }
}

function runPeer(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
}
