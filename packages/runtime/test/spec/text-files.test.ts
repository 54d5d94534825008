import { expect, test } from 'vitest'
import { containerEnvFile, hostsFile, resolvConf } from '../../src/index.ts'

test('hosts', () => {
  const base = '127.0.0.1 localhost\n# note\n10.0.0.1\tserver db # tail\n::1 ip6-localhost\n9.9.9.9 host.containers.internal\n'
  const entries = [{ address: '1.2.3.4', name: 'db' }]
  expect(hostsFile({ base, entries, names: ['box', 'web', 'box'], address: '10.88.0.2', hostAddress: '10.88.0.1' })).toBe(
    '1.2.3.4\tdb\n127.0.0.1\tlocalhost\n10.0.0.1\tserver\n::1\tip6-localhost\n10.88.0.1\thost.containers.internal host.docker.internal\n10.88.0.2\tbox web\n',
  )
  expect(hostsFile({ names: ['box'] })).toBe('127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.0.1\tbox\n')
})

const base =
  '# by hand\nsearch a.example b.example\nnameserver 127.0.0.53\nnameserver 1.1.1.1 ; local\nnameserver 1.1.1.1\noptions ndots:2\noptions edns0\n'

test.each([
  [{ base, privateNetwork: false }, 'search a.example b.example\nnameserver 127.0.0.53\nnameserver 1.1.1.1\noptions ndots:2 edns0\n'],
  [{ base, privateNetwork: true }, 'search a.example b.example\nnameserver 1.1.1.1\noptions ndots:2 edns0\n'],
  [{ base, privateNetwork: true, nameServers: ['9.9.9.9'], searchDomains: ['.'], options: [] }, 'nameserver 9.9.9.9\n'],
  [{ base: 'domain x.example\nnameserver ::1', privateNetwork: false }, 'search x.example\nnameserver ::1\n'],
  [{ privateNetwork: false }, ''],
])('%j', (input, text) => {
  expect(resolvConf(input)).toBe(text)
})

test('a network of its own with nothing but loopback servers gets public ones', () => {
  expect(resolvConf({ base: 'nameserver 127.0.0.1', privateNetwork: true })).toMatch(/^nameserver 8\.8\.8\.8\n/)
})

test('facts about the container can be sourced by a shell', () => {
  const facts = { engineVersion: '1.0', name: 'a"b$(c)`d`', id: 'i', imageName: 'n', imageId: 'm', rootless: true }
  expect(containerEnvFile(facts)).toBe('engine="podwright-1.0"\nname="a\\"b\\$(c)\\`d\\`"\nid="i"\nimage="n"\nimageid="m"\nrootless="1"\n')
})
