import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isInstalled } from './contenders.ts'

/** A Docker engine to measure against. */
export interface DockerEngine extends AsyncDisposable {
  /** For `docker --host`. */
  readonly host: string
}

const systemSocket = '/var/run/docker.sock'

/** The engine that runs already; else one of our own for the time of the run, as root; else undefined with the reason. */
export async function openDocker(directory: string): Promise<DockerEngine | string> {
  if (!isInstalled('docker')) return 'docker is not installed'
  if (existsSync(systemSocket) && answers(`unix://${systemSocket}`)) {
    return { host: `unix://${systemSocket}`, [Symbol.asyncDispose]: () => Promise.resolve() }
  }
  if (!isInstalled('dockerd')) return 'no Docker engine runs, and dockerd is not installed'
  if (process.getuid?.() !== 0) return 'no Docker engine runs, and starting one needs root'
  return startEngine(directory)
}

async function startEngine(directory: string): Promise<DockerEngine | string> {
  mkdirSync(directory, { recursive: true })
  const host = `unix://${join(directory, 'docker.sock')}`
  // Nothing of the host's network is touched: the cases use no network but the host's, for pulls.
  const places = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec'), '--pidfile', join(directory, 'pid')]
  // A file, since nobody reads a pipe while a command is waited for: it would fill, and dockerd stand still.
  const log = openSync(join(directory, 'log'), 'w')
  const child = spawn('dockerd', ['--host', host, ...places, '--bridge', 'none', '--iptables=false', '--ip6tables=false'], {
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  for (let attempt = 0; attempt < 150 && child.exitCode === null; attempt++) {
    if (answers(host)) return { host, [Symbol.asyncDispose]: () => stop(child) }
    await sleep(200)
  }
  await stop(child)
  return `dockerd did not start; its log is ${join(directory, 'log')}`
}

function answers(host: string): boolean {
  return spawnSync('docker', ['--host', host, 'version'], { stdio: 'ignore' }).status === 0
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await Promise.race([ended, sleep(20_000)])
  child.kill('SIGKILL')
}
