import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasIpv4Default, hasIpv6Default, hostDefaultRoutes } from '../src/host-routes.ts'
import { hostNameServers, isLocalAddress, parseNameServers } from '../src/name-servers.ts'
import { namespaceAddresses, parseFibTrie, parseIfInet6 } from '../src/namespace-addresses.ts'

describe('name servers', () => {
  test('are the addresses of resolv.conf, in order', () => {
    const text =
      '# nameserver 1.1.1.1\nsearch example.org\nnameserver 192.0.2.1\n  nameserver\t2001:db8::1 \nnameserver dns.example\nnameserver fe80::1%eth0\n'
    expect(parseNameServers(text)).toEqual(['192.0.2.1', '2001:db8::1', 'fe80::1%eth0'])
    expect(parseNameServers('')).toEqual([])
  })

  test.each([
    ['127.0.0.53', true],
    ['0.0.0.0', true],
    ['::1', true],
    ['fe80::1', true],
    ['fe80::1%eth0', true],
    ['192.0.2.1', false],
    ['10.127.0.1', false],
    ['2001:db8::127', false],
    ['fd00::53', false],
  ])('%s is local: %s', (address, local) => expect(isLocalAddress(address)).toBe(local))

  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'podwright-resolv-'))
    writeFileSync(join(directory, 'plain'), 'nameserver 127.0.0.1\nnameserver 192.0.2.1\n')
    writeFileSync(join(directory, 'stub'), 'nameserver 127.0.0.53\noptions edns0\n')
    writeFileSync(join(directory, 'upstream'), 'nameserver 192.0.2.2\nnameserver 2001:db8::2\n')
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  test.each([
    ['plain', 'upstream', ['192.0.2.1']],
    ['stub', 'upstream', ['192.0.2.2', '2001:db8::2']],
    ['stub', 'missing', []],
    ['stub', 'stub', []],
    ['missing', 'upstream', ['192.0.2.2', '2001:db8::2']],
  ])('%s with %s: %j', (resolvConf, upstream, expected) => {
    expect(hostNameServers({ resolvConfPath: join(directory, resolvConf), upstreamPath: join(directory, upstream) })).toEqual(expected)
  })
})

describe('default routes', () => {
  const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
  const zero = '0'.repeat(32)

  test.each([
    ['by a gateway', 'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n', true],
    ['without a gateway', 'wg0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n', true],
    ['to a network', 'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n', false],
    ['to half of the world', 'tun0\t00000000\t010200C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n', false],
    ['to nowhere', '*\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0\n', false],
    ['none', '', false],
  ])('IPv4, %s', (_, line, expected) => expect(hasIpv4Default(header + line)).toBe(expected))

  test.each([
    ['by a gateway', `${zero} 00 ${zero} 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth0`, true],
    ['to nowhere', `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo`, false],
    ['to a network', `fd${'0'.repeat(30)} 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001     eth0`, false],
  ])('IPv6, %s', (_, line, expected) => expect(hasIpv6Default(`${line}\n`)).toBe(expected))

  test('agree with ip(8)', () => {
    const shown = (family: string): boolean =>
      execFileSync('ip', [family, 'route', 'show', 'default'], { encoding: 'utf8' }).includes('default')
    expect(hostDefaultRoutes()).toEqual({ ipv4: shown('-4'), ipv6: shown('-6') })
  })
})

describe('addresses', () => {
  test('of IPv4 are the own ones that are not on loopback, each once', () => {
    const leaf = (address: string, words: string): string => `        |-- ${address}\n           ${words}\n`
    const table = leaf('127.0.0.1', '/32 host LOCAL') + leaf('192.0.2.0', '/24 link UNICAST') + leaf('192.0.2.2', '/32 host LOCAL')
    expect(parseFibTrie(`Main:\n${table}Local:\n${table}`)).toEqual(['192.0.2.2'])
  })

  test('of IPv6 are the global ones', () => {
    const text = [
      'fd000000000000000000000000000002 02 40 00 82     eth0',
      '00000000000000000000000000000001 01 80 10 80       lo',
      'fe8000000000000094b6f7fffe2d30d3 02 40 20 c0     eth0',
      '',
    ].join('\n')
    expect(parseIfInet6(text)).toEqual(['fd00::2'])
  })

  test('of this namespace agree with ip(8)', () => {
    const shown = execFileSync('ip', ['-o', 'addr', 'show', 'scope', 'global'], { encoding: 'utf8' })
    const addresses = [...shown.matchAll(/ inet6? (\S+)\//g)].map((match) => match[1])
    expect(namespaceAddresses(process.pid).toSorted()).toEqual(addresses.toSorted())
    expect(namespaceAddresses(2 ** 22 + 1)).toEqual([])
  })
})
