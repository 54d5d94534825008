import type { PublishedPort } from '@podwright/contracts'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findUplinkProgram, leavesServicesWaiting } from '../src/index.ts'

const port = (more: Partial<PublishedPort> = {}): PublishedPort => ({ hostPort: 25, containerPort: 25, protocol: 'tcp', ...more })
const routes = { ipv4: true, ipv6: true }

test.each([
  ['pasta unknown version', true],
  ['pasta 0.0~git20230309.7c7625d-1', true],
  ['pasta 0.0~git20240220.1e6f92b-1', true],
  ['pasta 2024_09_06.6b38f07', true],
  ['pasta 2024_10_30.ee7d0b6', false],
  ['pasta 2025_06_11.0293c6f-1', false],
  ['', true],
])('%s: services wait: %s', (version, waits) => {
  expect(leavesServicesWaiting('/bin/pasta', [port()], () => version)).toBe(waits)
})

test.each([
  { what: 'none', ports: [], waits: false },
  { what: 'on loopback', ports: [port({ hostAddress: '127.0.0.1' })], waits: false },
  { what: 'of UDP', ports: [port({ protocol: 'udp' })], waits: false },
  { what: 'on one address', ports: [port({ hostAddress: '192.0.2.1' })], waits: true },
  { what: 'on loopback and elsewhere', ports: [port({ hostAddress: '127.0.0.1' }), port()], waits: true },
  { what: 'on an address of IPv6, which slirp4netns can not have', ports: [port(), port({ hostAddress: '::1' })], waits: false },
])('ports $what: services wait: $waits, and slirp4netns is taken where they do', ({ ports, waits }) => {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-pasta-'))
  try {
    const pasta = join(directory, 'pasta')
    writeFileSync(pasta, '#!/bin/sh\necho "pasta unknown version"\n')
    chmodSync(pasta, 0o755)
    expect(leavesServicesWaiting(pasta, ports)).toBe(waits)
    const both = { findTool: (name: string) => (name === 'pasta' ? pasta : `/bin/${name}`), defaultRoutes: () => routes }
    expect(findUplinkProgram(both, { ports })?.name).toBe(waits ? 'slirp4netns' : 'pasta')
    expect(findUplinkProgram(both, { ports, program: 'pasta' })?.name).toBe('pasta')
    const pastaAlone = { ...both, findTool: (name: string) => (name === 'pasta' ? pasta : undefined) }
    expect(findUplinkProgram(pastaAlone, { ports })?.name).toBe('pasta')
  } finally {
    rmSync(directory, { recursive: true })
  }
})
