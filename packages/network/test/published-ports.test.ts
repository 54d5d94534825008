import type { PublishedPort } from '@podwright/contracts'
import { findTool } from '@podwright/linux'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostDefaultRoutes } from '../src/host-routes.ts'
import { leavesServicesWaiting } from '../src/pasta-age.ts'
import { disconnectUplink } from '../src/uplink-record.ts'
import { anotherHost } from './fixtures/another-host.ts'
import { askTcp, askUdp } from './fixtures/ask-port.ts'
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

  /** Serves on ports inside, TCP and UDP, until it is killed. */
  async function serve(...ports: readonly number[]): Promise<ChildProcess> {
    const enter = ['nsenter', '-t', String(target.pid), '-U', '-n', '--preserve-credentials', '--']
    const [command = '', ...args] = [...user.prefix, ...enter, ...program('serve.ts', ...ports.map(String))]
    const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(server.stdout, 'data')
    return server
  }

  test.skipIf(skip)('leads ports of the host into the namespace', async () => {
    const { state, message } = await connect([
      { hostPort: base, containerPort: 80, protocol: 'tcp' },
      { hostPort: base + 3, containerPort: base + 3, protocol: 'udp' },
      { hostAddress: '127.0.0.1', hostPort: base + 1, containerPort: 81, count: 2, protocol: 'tcp' },
    ])
    expect(message).toBeUndefined()
    expect(state?.pid).toBeGreaterThan(0)
    const server = await serve(80, 81, 82, base + 3)
    try {
      expect(await askTcp('127.0.0.1', base)).toMatch(/^inside tcp 80 for /)
      // From another host all do; from this one it depends on the program (README).
      expect(await askUdp(name === 'pasta' ? '127.0.0.1' : ownAddress(), base + 3)).toContain(`inside udp ${base + 3}`)
      expect(await askTcp('127.0.0.1', base + 1)).toContain('inside tcp 81')
      expect(await askTcp('127.0.0.1', base + 2)).toContain('inside tcp 82')
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

  test.skipIf(skip || skipUnless(isRoot, 'another host: root alone can make one'))(
    'is reached from another host, whose address is seen inside',
    async () => {
      expect(
        (
          await connect([
            { hostPort: base, containerPort: 80, protocol: 'tcp' },
            { hostPort: base + 3, containerPort: base + 3, protocol: 'udp' },
          ])
        ).message,
      ).toBeUndefined()
      const server = await serve(80, base + 3)
      using host = await anotherHost()
      try {
        const ask = async (kind: string, port: number): Promise<string> =>
          (await host.run(program('ask.ts', kind, host.gateway, String(port)))).stdout.trim()
        // An old pasta leaves a peer that says nothing itself waiting.
        const isOld =
          name === 'pasta' && leavesServicesWaiting(findTool('pasta') ?? '', [{ hostPort: 1, containerPort: 1, protocol: 'tcp' }])
        expect(await ask('tcp', base)).toBe(isOld ? 'ETIMEDOUT' : `inside tcp 80 for ${host.address}`)
        expect(await ask('udp', base + 3)).toBe(`inside udp ${base + 3} for ${host.address}`)
      } finally {
        server.kill('SIGKILL')
      }
    },
  )

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

  if (name === 'slirp4netns') {
    test.skipIf(skip)('refuses an address of IPv6 before anything is set up', async () => {
      const ports = ['127.0.0.1', '::1'].map(
        (hostAddress) => ({ hostAddress, hostPort: base, containerPort: 80, protocol: 'tcp' }) as const,
      )
      expect(await connect(ports)).toMatchObject({
        code: 'ERR_PORT_PROTOCOL',
        message: `cannot publish on [::1]:${base}: slirp4netns listens on IPv4 addresses only`,
      })
      expect(readdirSync(directory.path)).toEqual([])
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

/** The first of four ports that nothing has, below those that the kernel gives to whoever asks for any: files of tests run at the same time. */
async function freePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const answers = await Promise.all([0, 1, 2, 3].map((step) => askTcp('127.0.0.1', port + step)))
    if (answers.every((answer) => answer === 'ECONNREFUSED')) return port
  }
}

/** An address of this host that is not loopback's. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flat()
  return all.find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address ?? '127.0.0.1'
}
