import type { PublishedPort } from '@podwright/contracts'
import { findTool } from '@podwright/linux'
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect as connectTo, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostDefaultRoutes } from '../src/host-routes.ts'
import { disconnectUplink } from '../src/uplink-record.ts'
import { findPlainUser, type PlainUser, program, run, startTarget, userDirectory } from './fixtures/plain-user.ts'
import { skipUnless } from './fixtures/skip.ts'

const found = findPlainUser()
const isRoot = process.geteuid?.() === 0
const noUser = skipUnless(typeof found !== 'string', `network namespaces of a plain user: ${String(found)}`)
const plain: PlainUser = typeof found === 'string' ? { uid: -1, gid: -1, prefix: [] } : found
const root: PlainUser = { uid: 0, gid: 0, prefix: [] }
const routes = hostDefaultRoutes()

/** Who connects with what. */
const cases = (['pasta', 'slirp4netns'] as const).flatMap((name) => [
  { name, who: 'a plain user', user: plain, skip: noUser || lacks(name) },
  { name, who: 'root', user: root, skip: lacks(name) || skipUnless(isRoot && !noUser, 'root alone is root') },
])

function lacks(name: string): boolean {
  if (skipUnless(findTool(name) !== undefined, `${name} is not installed`)) return true
  return name === 'pasta' && skipUnless(routes.ipv4, 'pasta: this machine has no default route')
}

interface Report {
  readonly state?: { readonly pid: number }
  readonly code?: string
  readonly hint?: string
  readonly message?: string
  readonly details?: object
}

describe.each(cases)('$name for $who', ({ name, user, skip }) => {
  let directory: ReturnType<typeof userDirectory>
  let target: ChildProcess & { readonly pid: number }
  let base = 0
  beforeEach(async () => {
    if (skip) return
    directory = userDirectory(user)
    target = await startTarget(user)
    base = await freePorts()
  })
  afterEach(() => {
    if (skip) return
    target.kill('SIGKILL')
    disconnectUplink(directory.path)
    directory.remove()
  })

  async function connect(ports: readonly PublishedPort[]): Promise<Report> {
    const argument = JSON.stringify({ pid: target.pid, directory: directory.path, program: name, ports })
    const { stdout, stderr } = await run([...user.prefix, ...program('connect.ts', argument)])
    if (stdout === '') throw new Error(stderr)
    return JSON.parse(stdout) as Report
  }

  test.skipIf(skip)('leads ports of the host into the namespace', async () => {
    const { state, message } = await connect([
      { hostPort: base, containerPort: 80, protocol: 'tcp' },
      { hostPort: base + 3, containerPort: base + 3, protocol: 'udp' },
      { hostAddress: '127.0.0.1', hostPort: base + 1, containerPort: 81, count: 2, protocol: 'tcp' },
    ])
    expect(message).toBeUndefined()
    expect(state?.pid).toBeGreaterThan(0)
    const enter = ['nsenter', '-t', String(target.pid), '-U', '-n', '--preserve-credentials', '--']
    const [command = '', ...args] = [...user.prefix, ...enter, ...program('serve.ts', '80', '81', '82', String(base + 3))]
    const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(server.stdout, 'data')
      expect(await askTcp('127.0.0.1', base)).toBe('inside tcp 80')
      // From another host all do; from this one it depends on the program (README).
      expect(await askUdp(name === 'pasta' ? '127.0.0.1' : ownAddress(), base + 3)).toBe(`inside udp ${base + 3}`)
      expect(await askTcp('127.0.0.1', base + 1)).toBe('inside tcp 81')
      expect(await askTcp('127.0.0.1', base + 2)).toBe('inside tcp 82')
      expect(await askTcp('127.0.0.2', base + 1)).toBe('ECONNREFUSED')
      expect(await askTcp('127.0.0.1', base + 3)).toBe('ECONNREFUSED')
    } finally {
      server.kill('SIGKILL')
    }
    disconnectUplink(directory.path)
    // At once: a container that is started again wants the same.
    expect(await askTcp('127.0.0.1', base)).toBe('ECONNREFUSED')
  })

  test.skipIf(skip)('sets nothing up when one of a range is taken', async () => {
    const other = createServer().listen(base + 1, '127.0.0.1')
    await once(other, 'listening')
    try {
      const report = await connect([{ hostPort: base, containerPort: 80, count: 3, protocol: 'tcp' }])
      expect(report).toMatchObject({ code: 'ERR_PORT_IN_USE', details: { hostPort: base + 1, protocol: 'tcp' } })
      expect(report.message).toBe(`cannot publish on the port ${base + 1}/tcp: something on this host listens on it already`)
      expect(await askTcp('127.0.0.1', base)).toBe('ECONNREFUSED')
    } finally {
      other.close()
    }
  })

  if (user.uid === 0) {
    test.skipIf(skip)('leaves what the host has mounted, also where mounts are shared', async () => {
      const argument = JSON.stringify({ pid: target.pid, directory: directory.path, program: name })
      const script = 'mount --make-rshared /; wc -l < /proc/self/mountinfo; "$@" >&2; sleep 0.2; wc -l < /proc/self/mountinfo'
      const before = ['unshare', '--mount', '--propagation', 'private', '--', 'sh', '-c', script, 'sh']
      const { stdout } = await run([...before, ...program('connect.ts', argument)])
      const [first, second] = stdout.trim().split('\n')
      expect(Number(first)).toBeGreaterThan(2)
      expect(second).toBe(first)
    })
  }

  test.skipIf(skip)('refuses sctp, and below 1024 whom the kernel refuses', async () => {
    expect(await connect([{ hostPort: base, containerPort: 80, protocol: 'sctp' }])).toMatchObject({
      code: 'ERR_PORT_PROTOCOL',
      message: `cannot publish the port 80/sctp: ${name} forwards tcp and udp only`,
    })
    const report = await connect([{ hostPort: 7, containerPort: 80, protocol: 'tcp' }])
    if (user.uid === 0) expect(report.state?.pid).toBeGreaterThan(0)
    else expect(report).toMatchObject({ code: 'ERR_PORT_NOT_ALLOWED', hint: expect.stringContaining('ip_unprivileged_port_start=7') })
  })
})

/** The first of four ports that nothing has. */
async function freePorts(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const answers = await Promise.all([0, 1, 2, 3].map((step) => askTcp('127.0.0.1', port + step)))
    if (answers.every((answer) => answer === 'ECONNREFUSED')) return port
  }
}

async function askTcp(host: string, port: number): Promise<string> {
  const socket = connectTo({ host, port, timeout: 2000 })
  socket.on('timeout', () => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })))
  try {
    const [data] = (await once(socket, 'data')) as [Buffer]
    return data.toString()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'closed'
  } finally {
    socket.destroy()
  }
}

/** An address of this host that is not loopback's. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flat()
  return all.find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address ?? '127.0.0.1'
}

async function askUdp(address: string, port: number): Promise<string> {
  const socket = createSocket('udp4')
  try {
    socket.send('a question', port, address)
    const [data] = (await once(socket, 'message', { signal: AbortSignal.timeout(2000) })) as [Buffer]
    return data.toString()
  } catch {
    return 'no answer'
  } finally {
    socket.close()
  }
}
