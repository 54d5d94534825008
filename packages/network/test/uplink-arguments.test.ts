import { expect, test } from 'vitest'
import { forwardedBy, pastaArguments } from '../src/pasta.ts'
import { slirpGuest, slirpNameServer } from '../src/slirp4netns.ts'

const plain = { hostLoopback: false, dnsForward: undefined }
const nothing = ['--tcp-ports=none', '--udp-ports=none', '--tcp-ns=none', '--udp-ns=none', '--no-map-gw']

test('pasta opens nothing by itself; what is asked for takes the place of that', () => {
  expect(pastaArguments({}, plain)).toEqual(['--config-net', '--quiet', ...nothing])
  expect(pastaArguments({}, { ...plain, own: ['--mtu', '1400'] })).toEqual(['--config-net', '--quiet', '--mtu', '1400', ...nothing])
  const own = ['-t', '8080:80', '-Uauto', '--map-gw', '--dns-forward=10.1.1.1']
  expect(pastaArguments({}, { ...plain, dnsForward: '10.1.1.1', own })).toEqual([
    '--config-net',
    '--quiet',
    '-t',
    '8080:80',
    '-Uauto',
    '--dns-forward=10.1.1.1',
    '--udp-ports=none',
    '--tcp-ns=none',
  ])
})

test('ports that are published go with those that pasta is told of', () => {
  const ports = [{ protocol: 'tcp' as const, hostPort: 90, containerPort: 91 }]
  expect(pastaArguments({ ports }, { ...plain, own: ['-t', '8080'] })).toEqual(expect.arrayContaining(['8080', '--tcp-ports=90:91']))
})

test('the resolver that pasta was told of', () => {
  expect(forwardedBy({ program: 'pasta' })).toBeUndefined()
  expect(forwardedBy({ program: 'pasta', arguments: ['--dns-forward', '10.1.1.1'] })).toBe('10.1.1.1')
  expect(forwardedBy({ program: 'pasta', arguments: ['--dns-forward=10.1.1.2'] })).toBe('10.1.1.2')
})

test("slirp4netns's addresses follow its network", () => {
  expect([slirpNameServer(), slirpGuest()]).toEqual(['10.0.2.3', '10.0.2.100'])
  expect([slirpNameServer('10.9.8.7/23'), slirpGuest('192.168.1.128/25')]).toEqual(['10.9.8.3', '192.168.1.228'])
})
